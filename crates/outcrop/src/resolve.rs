//! What a plan needs of the world: the day, the region, what an id names, and media on the web.

mod download;
mod fetch;

use outcrop_wire::messages::MessageRequest;
use outcrop_wire::scope::DefaultScope;
use outcrop_wire::sigv4::AmzTime;
use outcrop_wire::surface::Surface;

use crate::client::Inner;
use crate::plan::Target;

pub(crate) use self::download::download;

/// Where a request may go, in the order to try. `scope` is that of names that say none.
pub(crate) fn targets(client: &Inner, request: &MessageRequest, scope: Option<&DefaultScope>) -> Vec<Target> {
    vec![Target {
        surface: Surface::InvokeModel,
        region: client.region.clone(),
        model: client.catalogue.resolve_from(&request.model, client.region.as_deref(), scope),
    }]
}

/// Today, as the catalogue's rows write days.
pub(crate) fn today(client: &Inner) -> String {
    AmzTime::from_unix(client.surroundings.unix()).iso_day()
}
