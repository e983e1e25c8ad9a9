//! What is known of one model, as a row and as JSON.

use outcrop::account::ModelAvailability;
use outcrop::wire::catalogue::{Catalogue, Price};
use outcrop::wire::sigv4::AmzTime;
use outcrop::{Model, ModelId, Scope, Surface, Surroundings};
use serde_json::{Value, json};

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
    /// As AWS says it: active, legacy.
    pub(super) status: Option<String>,
    /// The end of its life, as AWS says it, or else the catalogue.
    pub(super) ends: Option<String>,
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
        let today = AmzTime::from_unix(Surroundings::system().unix()).iso_day();
        let accepts = catalogue.accepts(model, Surface::InvokeModel, &today);
        if region.is_some_and(|region| accepts.lists("on_demand.regions", region) == Some(true)) {
            scopes.push(Scope::Regional);
        }
        // That of the widest: no other is cheaper.
        let widest = scopes.iter().find(|scope| **scope == Scope::Global).or(scopes.first());
        let price = model.zip(widest).and_then(|(model, scope)| catalogue.price(model, scope, 0, &today));
        Known {
            name: model.map(Model::name),
            title: model.map(|model| model.row().title.to_owned()),
            id: id.to_owned(),
            scopes,
            window: model.and_then(|_| accepts.context_window()),
            max_output: model.and_then(|_| accepts.max_output()),
            price,
            regions: model.map(called_from).unwrap_or_default(),
            status: None,
            ends: model.and_then(|model| model.row().until).map(str::to_owned),
            access: None,
        }
    }

    /// Its price is that of a scope: a geography may cost more than all of the world.
    pub(super) fn priced_in(&mut self, catalogue: &Catalogue, scope: &Scope) {
        let today = AmzTime::from_unix(Surroundings::system().unix()).iso_day();
        let model = catalogue.resolve(&ModelId::from(&*self.id)).model;
        self.price = model.and_then(|model| catalogue.price(model, scope, 0, &today));
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
            self.ends.as_deref().map(day).unwrap_or_default().to_owned(),
            self.access.clone().unwrap_or_default(),
        ]
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
            "ends": self.ends,
            "access": self.access,
        })
    }
}

/// What is said where nothing stands in the way.
const GRANTED: &str = "granted";

/// The regions that a model can be called from, in any scope, in the order of the catalogue.
fn called_from(model: Model) -> Vec<&'static str> {
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

/// Whether the account may use a model, in a word, or what stands in the way.
pub(super) fn access(availability: &ModelAvailability) -> String {
    if availability.is_available() {
        return GRANTED.to_owned();
    }
    let states = [
        ("region", availability.region_availability.as_str()),
        ("agreement", availability.agreement_availability.status.as_str()),
        ("entitlement", availability.entitlement_availability.as_str()),
        ("authorization", availability.authorization_status.as_str()),
    ];
    let wrong = states.iter().filter(|(_, state)| !["AVAILABLE", "AUTHORIZED"].contains(state));
    wrong.map(|(what, state)| format!("{what} {}", state.to_lowercase())).collect::<Vec<_>>().join(", ")
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
