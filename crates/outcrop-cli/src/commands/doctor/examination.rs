//! What a walk along the way of a call knows so far: each check leaves what later ones need.

use std::net::IpAddr;

use outcrop::account::{FoundationModel, Identity};
use outcrop::endpoint::{Endpoint, Service, Source};
use outcrop::plan::Target;
use outcrop::settings::{Said, Setting};
use outcrop::transport::Probe;
use outcrop::wire::catalogue::Catalogue;
use outcrop::wire::sigv4::AmzTime;
use outcrop::{Client, ClientBuilder, ModelId, Surroundings};

use super::knock::Knock;
use crate::args::{Connection, Doctor};
use crate::exit::Failure;
use crate::printer::Printer;
use crate::{request, settings};

/// What is known so far.
pub(super) struct Examination<'a> {
    flags: &'a Doctor,
    pub(super) printer: &'a Printer,
    /// The process's own world.
    pub(super) world: Surroundings,
    /// What is said before there is a client; nothing where a file is malformed.
    pub(super) settings: Vec<Setting>,
    /// What makes the AWS files readable again, where one is not.
    pub(super) unread: Option<String>,
    pub(super) client: Option<Client>,
    /// Whether calls are signed, and so have a time.
    pub(super) signs: bool,
    /// Where the call would go.
    pub(super) target: Option<Target>,
    /// How far a connection came; none where that cannot be seen.
    pub(super) probe: Option<Option<Probe>>,
    /// How far the clocks are apart, in seconds, where the answer that was had says so.
    pub(super) skew: Option<i64>,
    /// Whether the control plane cannot be reached.
    pub(super) no_control: bool,
    pub(super) identity: Option<Identity>,
    /// What was said to calls with an empty body, once they were made.
    pub(super) knocks: Option<Vec<Knock>>,
    /// What AWS says of the model, once it was asked.
    described: Option<FoundationModel>,
}

impl<'a> Examination<'a> {
    pub(super) fn new(flags: &'a Doctor, printer: &'a Printer) -> Self {
        let settings = settings::builder(&flags.connection, printer).ok().and_then(|builder| builder.settings().ok());
        Examination {
            flags,
            printer,
            world: Surroundings::system(),
            settings: settings.unwrap_or_default(),
            unread: None,
            client: None,
            signs: false,
            target: None,
            probe: None,
            skew: None,
            no_control: false,
            identity: None,
            knocks: None,
            described: None,
        }
    }

    /// What is said of a setting, and counts.
    pub(super) fn said(&self, name: &str) -> Option<&Said> {
        self.settings.iter().find(|setting| setting.name == name)?.counting()
    }

    pub(super) fn connection(&self) -> &Connection {
        &self.flags.connection
    }

    /// Whether a real call was asked for.
    pub(super) fn calls(&self) -> bool {
        self.flags.call
    }

    /// Whether a model was typed.
    pub(super) fn names_model(&self) -> bool {
        self.flags.model.is_some()
    }

    /// The model as it was asked for.
    pub(super) fn asked(&self) -> ModelId {
        self.flags.model.as_deref().unwrap_or(request::MODEL).into()
    }

    /// What would be called, by its shortest name.
    pub(super) fn name(&self) -> String {
        let target = self.target.as_ref().and_then(|target| target.model.model);
        let known = target.or_else(|| Catalogue::built_in().resolve(&self.asked()).model);
        known.map_or_else(|| self.asked().to_string(), |model| model.name().to_owned())
    }

    pub(super) fn builder(&self) -> Result<ClientBuilder, Failure> {
        settings::builder(&self.flags.connection, self.printer)
    }

    /// The client, which every check has that needs `endpoint`.
    pub(super) fn client(&self) -> Result<&Client, super::Finding> {
        self.client.as_ref().ok_or_else(|| super::Finding::skip("there is no client"))
    }

    /// Where the call would go, which every check has that needs `model`.
    pub(super) fn target(&self) -> Result<(&Client, &Target), super::Finding> {
        let target = self.target.as_ref().ok_or_else(|| super::Finding::skip("it is not known what would be called"));
        Ok((self.client()?, target?))
    }

    /// The service that the call would go to.
    pub(super) fn service(&self) -> Service {
        let chosen = || self.client.as_ref().and_then(Client::surface);
        let surface = self.target.as_ref().map(|target| target.surface).or_else(chosen);
        surface.map_or(Service::Runtime, Service::of)
    }

    /// The host of a service beside that of models. A gateway has calls of models: AWS's own hosts are not asked about who
    /// calls it.
    pub(super) fn beside(&self, service: Service) -> Result<&Client, super::Finding> {
        if service == Service::Control && self.no_control {
            return Err(super::Finding::skip("not looked at: `control` cannot be reached").fact("because", "control"));
        }
        let client = self.client()?;
        let (home, there) = (client.endpoint(), client.endpoint_of(service));
        let gateway = home.source != Source::Template;
        match there {
            Ok(there) if !gateway || there.source != Source::Template => Ok(client),
            // Without a region nothing of AWS's has a host.
            Err(error) if !gateway || client.region().is_some() => Err(super::Finding::error(error)),
            _ => {
                let why = format!("calls go to {}, and nothing says where its {service} is", home.authority);
                Err(super::Finding::skip(why))
            }
        }
    }

    /// What AWS says of the model.
    pub(super) async fn described(&mut self, base: &ModelId) -> Result<FoundationModel, super::Finding> {
        if let Some(described) = &self.described {
            return Ok(described.clone());
        }
        let client = self.beside(Service::Control)?;
        let described = client.models().get(base.clone()).await;
        let described = described.map_err(super::policy::unknown)?;
        self.described = Some(described.clone());
        Ok(described)
    }

    /// The account, where it is known.
    pub(super) fn account(&self) -> Option<&str> {
        self.identity.as_ref().and_then(Identity::account)
    }

    /// The day, ISO.
    pub(super) fn today(&self) -> String {
        AmzTime::from_unix(self.world.unix()).iso_day()
    }
}

/// Whether a host is this machine.
pub(super) fn is_loopback(endpoint: &Endpoint) -> bool {
    let authority = endpoint.authority.as_str();
    let host = match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or(rest),
        None => authority.split(':').next().unwrap_or(authority),
    };
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}
