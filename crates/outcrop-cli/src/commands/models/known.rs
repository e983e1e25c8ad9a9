//! What is known of one model, as a row and as JSON.

use outcrop::wire::catalogue::{Catalogue, Lifecycle, Price};
use outcrop::{Model, ModelId, Scope, Surface};
use serde_json::{Value, json};

use super::meant::today;
use super::standing::GRANTED;
use crate::args::ModelsFilter;

/// What is known of one model.
pub(super) struct Known {
    /// Our name; none where the catalogue has no such model.
    pub(super) name: Option<&'static str>,
    pub(super) title: Option<String>,
    /// The base id.
    pub(super) id: String,
    /// The scopes that it can be called in.
    pub(super) scopes: Vec<Scope>,
    pub(super) window: Option<u64>,
    pub(super) max_output: Option<u64>,
    /// In the global scope, or else in the first.
    pub(super) price: Option<Price>,
    /// The regions that it can be called from, by the catalogue.
    pub(super) regions: Vec<&'static str>,
    /// As AWS says it, or else the catalogue: active, legacy, ended.
    pub(super) status: Option<String>,
    /// From when it is legacy, as AWS says it, or else the catalogue. So are the next two.
    pub(super) legacy: Option<String>,
    /// From when it may cost more, until it ends.
    pub(super) extended: Option<String>,
    /// The first day without it.
    pub(super) ends: Option<String>,
    /// The day before which it does not end, while no end is announced.
    pub(super) not_before: Option<&'static str>,
    /// Whether the account may use it, where that was asked.
    pub(super) access: Option<String>,
}

impl Known {
    /// What the catalogue knows.
    pub(super) fn of(
        catalogue: &Catalogue,
        id: &str,
        model: Option<Model>,
        mut scopes: Vec<Scope>,
        region: Option<&str>,
    ) -> Self {
        let today = today();
        let accepts = catalogue.accepts(model, Surface::InvokeModel, &today);
        if region.is_some_and(|region| accepts.lists("on_demand.regions", region) == Some(true)) {
            scopes.push(Scope::Regional);
        }
        // That of the widest: no other is cheaper.
        let widest = scopes.iter().find(|scope| **scope == Scope::Global).or(scopes.first());
        let price = model.zip(widest).and_then(|(model, scope)| catalogue.price(model, scope, 0, &today));
        let announced = model.and_then(|model| model.announced(region));
        let day = |day: fn(&Lifecycle) -> Option<&'static str>| announced.and_then(day).map(str::to_owned);
        Known {
            name: model.map(Model::name),
            title: model.map(|model| model.row().title.to_owned()),
            id: id.to_owned(),
            scopes,
            window: model.and_then(|_| accepts.context_window()),
            max_output: model.and_then(|_| accepts.max_output()),
            price,
            regions: model.map(called_from).unwrap_or_default(),
            status: model.map(|model| model.phase(region, &today).as_str().to_owned()),
            legacy: day(|lifecycle| lifecycle.legacy),
            extended: day(|lifecycle| lifecycle.extended),
            ends: day(|lifecycle| lifecycle.ends),
            not_before: model
                .filter(|_| announced.is_none())
                .and_then(|model| model.row().lifecycle.as_ref()?.not_before),
            access: None,
        }
    }

    /// Its price is that of a scope: a geography may cost more than all of the world.
    pub(super) fn priced_in(&mut self, catalogue: &Catalogue, scope: &Scope) {
        let model = catalogue.resolve(&ModelId::from(&*self.id)).model;
        self.price = model.and_then(|model| catalogue.price(model, scope, 0, &today()));
    }

    pub(super) const HEAD: [&'static str; 10] =
        ["MODEL", "ID", "SCOPES", "REGIONS", "WINDOW", "OUTPUT", "IN/OUT", "STATUS", "ENDS", "ACCESS"];

    pub(super) fn cells(&self) -> [String; 10] {
        [
            self.name.map_or_else(|| self.title.clone().unwrap_or_default(), str::to_owned),
            self.id.clone(),
            self.scopes.iter().map(Scope::as_str).collect::<Vec<_>>().join(" "),
            Some(self.regions.len())
                .filter(|regions| *regions > 0)
                .map(|regions| regions.to_string())
                .unwrap_or_default(),
            self.window.map(round).unwrap_or_default(),
            self.max_output.map(round).unwrap_or_default(),
            self.price.as_ref().map(in_out).unwrap_or_default(),
            self.status.clone().unwrap_or_default(),
            self.ending().unwrap_or_default(),
            self.access.clone().unwrap_or_default(),
        ]
    }

    /// The day that it ends, or before which it does not.
    fn ending(&self) -> Option<String> {
        let not_before = || self.not_before.map(|day| format!("not before {day}"));
        self.ends.as_deref().map(|ends| day(ends).to_owned()).or_else(not_before)
    }

    /// What is known of its end, in words.
    pub(super) fn lifecycle(&self) -> Vec<(&'static str, String)> {
        [
            ("status", self.status.clone()),
            ("legacy since", self.legacy.as_deref().map(|time| day(time).to_owned())),
            ("may cost more", self.extended.as_deref().map(|time| format!("from {}", day(time)))),
            ("ends", self.ending()),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect()
    }

    /// Whether a filter means it, as far as it can be said before access is asked for.
    pub(super) fn is_meant(&self, filter: &ModelsFilter) -> bool {
        let holds = |text: &str| {
            let names = [self.name, self.title.as_deref(), Some(self.id.as_str())];
            names.into_iter().flatten().any(|name| name.to_lowercase().contains(&text.to_lowercase()))
        };
        filter.name.as_deref().is_none_or(holds)
            && filter.scope.as_deref().is_none_or(|scope| self.scopes.iter().any(|known| known.as_str() == scope))
            && (!filter.ending || self.ends.is_some())
    }

    /// Whether the account may use it, where that is known.
    pub(super) fn is_granted(&self) -> bool {
        self.access.as_deref() == Some(GRANTED)
    }

    pub(super) fn as_json(&self) -> Value {
        let dollars = |price: u64| price as f64 / 1e6;
        let ids: Vec<String> = self.scopes.iter().map(|scope| id_in(scope, &self.id)).collect();
        json!({
            "name": self.name,
            "title": self.title,
            "id": self.id,
            "ids": ids,
            "scopes": self.scopes.iter().map(Scope::as_str).collect::<Vec<_>>(),
            "context_window": self.window,
            "max_output": self.max_output,
            "price": self.price.as_ref().map(|price| json!({
                "input": dollars(price.input),
                "output": dollars(price.output),
                "cache_write_5m": dollars(price.cache_write_5m),
                "cache_write_1h": dollars(price.cache_write_1h),
                "cache_read": dollars(price.cache_read),
            })),
            "regions": self.regions,
            "status": self.status,
            "legacy": self.legacy,
            "extended_access": self.extended,
            "ends": self.ends,
            "not_before": self.not_before,
            "access": self.access,
        })
    }
}

/// The regions that a model can be called from, in any scope, in the order of the catalogue.
pub(super) fn called_from(model: Model) -> Vec<&'static str> {
    let mut regions: Vec<&'static str> = Vec::new();
    for region in model.row().profiles.iter().flat_map(|profile| profile.source_regions()) {
        if !regions.contains(region) {
            regions.push(region);
        }
    }
    regions
}

/// The day of a time.
fn day(time: &str) -> &str {
    time.split('T').next().unwrap_or(time)
}

/// The id that a model is called by in a scope.
pub(super) fn id_in(scope: &Scope, base: &str) -> String {
    scope.prefix().map_or_else(|| base.to_owned(), |prefix| format!("{prefix}.{base}"))
}

/// `200K`, `1M`; what is not round stays as it is.
pub(super) fn round(tokens: u64) -> String {
    match tokens {
        0 => "0".to_owned(),
        millions if millions % 1_000_000 == 0 => format!("{}M", millions / 1_000_000),
        thousands if thousands % 1000 == 0 => format!("{}K", thousands / 1000),
        other => other.to_string(),
    }
}

/// Dollars for a million tokens of input and of output.
pub(super) fn in_out(price: &Price) -> String {
    let dollars = |price: u64| price as f64 / 1e6;
    format!("${}/${}", dollars(price.input), dollars(price.output))
}
