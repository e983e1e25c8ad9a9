//! The connection: name, socket, proxy, TLS, and the clocks at both ends. The library opens it; here it is told.

use outcrop::Surroundings;
use outcrop::endpoint::{Endpoint, Service, Source};
use outcrop::transport::{Obstacle, Probe};

use super::examination::{Examination, is_loopback};
use super::finding::Finding;
use super::settings::{by, unknown_region};
use crate::exit::Exit;

/// AWS refuses signatures that are further off: recorded refusals say `- 5 min.`
const REFUSED: u64 = 300;

/// Clocks that are further apart are not kept by anybody.
const KEPT: u64 = 30;

const IN_PROCESS: &str = "the connection is not one of this program's network";

/// Variables of other programs, which are not read here.
const OTHER_BUNDLES: [&str; 3] = ["NODE_EXTRA_CA_CERTS", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"];

/// What the checks of the connection see.
struct Seen<'a> {
    endpoint: Endpoint,
    probe: &'a Probe,
    world: &'a Surroundings,
    /// Where the certificates come from that are trusted.
    trust: String,
    /// What is wrong with the region, where it is one that is not known.
    unknown: Option<String>,
}

/// Opens the connection once, and shows it to a check.
async fn seen(examination: &mut Examination<'_>, show: impl FnOnce(&Seen<'_>) -> Finding) -> Finding {
    let (client, service) = match examination.client() {
        Ok(client) => (client.clone(), examination.service()),
        Err(finding) => return finding,
    };
    let endpoint = match client.endpoint_of(service) {
        Ok(endpoint) => endpoint,
        Err(error) => return Finding::error(error),
    };
    if examination.probe.is_none() {
        match client.probe(service).await {
            Ok(probe) => examination.probe = Some(probe),
            Err(error) => return Finding::error(error),
        }
    }
    let Some(Some(probe)) = &examination.probe else { return Finding::skip(IN_PROCESS) };
    let trust = examination
        .said("ca bundle")
        .map_or_else(|| "the system".to_owned(), |said| format!("{}, from {}", said.value, said.origin));
    let unknown = unknown_region(&client);
    show(&Seen { endpoint, probe, world: &examination.world, trust, unknown })
}

pub(super) async fn dns(examination: &mut Examination<'_>) -> Finding {
    seen(examination, |Seen { endpoint, probe, unknown, world, .. }| match &probe.obstacle {
        Some(Obstacle::ProxyScheme(_)) => Finding::skip("the proxy cannot be used"),
        Some(Obstacle::Name(why)) => {
            let host = first_host(endpoint, probe);
            let (exit, mend) = match (&probe.proxy, endpoint.source, unknown) {
                (Some(_), ..) => {
                    let by = proxy_variable(endpoint, world).unwrap_or_else(|| "a variable".to_owned());
                    (Exit::Busy, format!("check the host of the proxy, which {by} names"))
                }
                (None, Source::Template, Some(unknown)) => (Exit::Usage, unknown.clone()),
                (None, Source::Template, None) => (
                    Exit::Busy,
                    "this machine cannot look up names outside: check its network; where only a proxy leads outside, \
                     HTTPS_PROXY names it"
                        .to_owned(),
                ),
                (None, source, _) => (Exit::Busy, format!("check the host in the URL {}", by(&source.to_string()))),
            };
            Finding::fail(exit, format!("{host}: {why}")).mend(mend)
        }
        _ => {
            let addresses: Vec<String> = probe.addresses.iter().map(ToString::to_string).collect();
            let host = first_host(endpoint, probe);
            // A number is no name.
            let found = match addresses.as_slice() {
                [only] if host.contains(only.as_str()) => format!("{host} needs no name"),
                _ => format!("{host} is at {}", addresses.join(", ")),
            };
            Finding::pass(found).fact("addresses", addresses)
        }
    })
    .await
}

pub(super) async fn tcp(examination: &mut Examination<'_>) -> Finding {
    seen(examination, |Seen { endpoint, probe, .. }| {
        let host = first_host(endpoint, probe);
        let failed = |why: &str, mend: &str| Finding::fail(Exit::Busy, format!("{host}: {why}")).mend(mend);
        match &probe.obstacle {
            Some(Obstacle::ProxyScheme(_)) => Finding::skip("the proxy cannot be used"),
            Some(Obstacle::Refused(why)) if is_loopback(endpoint) || probe.proxy.is_some() => {
                failed(why, "nothing listens there: is it running, and is it the right port?")
            }
            Some(Obstacle::Refused(why)) => failed(why, "nothing listens there, or a firewall refuses: is it the right port?"),
            Some(Obstacle::Silent(why)) if probe.socket.is_none() => failed(
                why,
                "a firewall swallows it, or only a proxy leads outside, which HTTPS_PROXY names; a VPC without a way out \
                 needs an interface endpoint for bedrock-runtime",
            ),
            Some(Obstacle::Socket(why)) => failed(why, "check the network of this machine"),
            _ => {
                let socket = probe.socket.map(|socket| socket.to_string()).unwrap_or_default();
                Finding::pass(format!("connected to {socket}")).fact("socket", socket)
            }
        }
    })
    .await
}

pub(super) async fn proxy(examination: &mut Examination<'_>) -> Finding {
    seen(examination, |Seen { endpoint, probe, world, .. }| {
        let named = proxy_variable(endpoint, world);
        let by = named.as_deref().unwrap_or("a proxy variable");
        match (&probe.proxy, &probe.obstacle) {
            (None, _) => match named {
                Some(by) => Finding::pass(format!("none: NO_PROXY excepts {} from {by}", endpoint.authority)),
                None => Finding::pass("none: the connection is direct"),
            },
            (Some(_), Some(Obstacle::ProxyScheme(why))) => {
                Finding::fail(Exit::Usage, format!("{why}, by {by}")).mend("name it by an http:// URL")
            }
            (Some(proxy), Some(Obstacle::Tunnel(why))) => Finding::fail(
                Exit::Busy,
                format!("{proxy}, by {by}, lets nothing through to {}: {why}", endpoint.authority),
            )
            .mend(
                "have it allow CONNECT to that host (a name and password go into its URL), or add the host to NO_PROXY",
            ),
            (Some(proxy), _) => Finding::pass(format!("{proxy}, by {by}")).fact("proxy", proxy.as_str()),
        }
    })
    .await
}

pub(super) async fn tls(examination: &mut Examination<'_>) -> Finding {
    seen(examination, |seen| {
        let Seen { endpoint, probe, world, trust, .. } = seen;
        let issuer = probe.issuer.as_deref().unwrap_or("nobody who is named");
        let failed = |why: &str| Finding::fail(Exit::Busy, format!("{}: {why}", endpoint.authority));
        let finding = match &probe.obstacle {
            _ if !probe.secured && is_loopback(endpoint) => Finding::skip("plain http, on this machine"),
            _ if !probe.secured => Finding::warn("plain http: who listens on the way reads questions, answers and bearer keys")
                .mend(format!("give an https:// URL in place of that {}", by(&endpoint.source.to_string()))),
            Some(Obstacle::NoRoots(why)) => {
                let named = ["SSL_CERT_FILE", "SSL_CERT_DIR"].into_iter().find(|name| world.variable(name).is_some());
                Finding::fail(Exit::Usage, why).mend(match named {
                    Some(name) => format!("have {name} name certificates that can be read, or unset it"),
                    None => "install the system's certificates (ca-certificates), or have AWS_CA_BUNDLE name a PEM file".to_owned(),
                })
            }
            Some(Obstacle::Untrusted(_)) => {
                let text = format!("the certificate is issued by {issuer}, who is not trusted (trusted: {trust})");
                let other = OTHER_BUNDLES.iter().find(|name| world.variable(name).is_some());
                let other = other.map(|name| {
                    format!("{name} is set, and not read here: `export AWS_CA_BUNDLE=\"${name}\"`, if it holds every authority")
                });
                let own = "a proxy of the company that looks into TLS? AWS_CA_BUNDLE names a PEM file of the authorities to \
                           trust in place of the system's: put the company's into it";
                failed(&text).mend(other.unwrap_or_else(|| own.to_owned()))
            }
            Some(Obstacle::OutOfDate(why)) => {
                failed(&format!("{why}; the certificate is issued by {issuer}")).mend("is the clock of this machine right? Else the server needs a new certificate")
            }
            Some(Obstacle::WrongName(why)) => {
                failed(&format!("{why}; the certificate is issued by {issuer}")).mend("call it by a name that stands in its certificate")
            }
            Some(Obstacle::NotTls(why)) => {
                failed(why).mend(format!("what listens there may speak http: look at the URL {}", by(&endpoint.source.to_string())))
            }
            Some(Obstacle::Silent(why) | Obstacle::Tls(why)) => failed(why).mend("something on the way may cut TLS: a firewall, a proxy"),
            _ => Finding::pass(format!("certificate issued by {issuer} (trusted: {trust})")),
        };
        finding.fact("issuer", probe.issuer.as_deref())
    })
    .await
}

/// Whether anything is said at all to a request without a name.
pub(super) async fn http(examination: &mut Examination<'_>) -> Finding {
    let (client, service) = match examination.client() {
        Ok(client) => (client.clone(), examination.service()),
        Err(finding) => return finding,
    };
    let endpoint = match client.endpoint_of(service) {
        Ok(endpoint) => endpoint,
        Err(error) => return Finding::error(error),
    };
    let host = &endpoint.authority;
    match client.clock_skew(service).await {
        Ok(skew) => {
            examination.skew = skew;
            Finding::pass(format!("{host} answers"))
        }
        Err(error) => {
            let proxy = examination.probe.as_ref().and_then(|probe| probe.as_ref()?.proxy.clone());
            let mend = match (proxy, proxy_variable(&endpoint, &examination.world)) {
                (Some(proxy), Some(by)) => {
                    format!(
                        "the proxy {proxy}, by {by}, does not pass it on: have it allow {host}, or add that to NO_PROXY"
                    )
                }
                _ => {
                    format!("what listens there does not answer: look at the URL {}", by(&endpoint.source.to_string()))
                }
            };
            Finding::error(error).only(mend)
        }
    }
}

pub(super) async fn clock(examination: &mut Examination<'_>) -> Finding {
    let host = match examination.client().map(|client| client.endpoint_of(examination.service())) {
        Ok(endpoint) => endpoint.map(|endpoint| endpoint.authority).unwrap_or_default(),
        Err(finding) => return finding,
    };
    let Some(skew) = examination.skew else { return Finding::skip(format!("the answer of {host} has no date")) };
    let (off, way) = (skew.unsigned_abs(), if skew > 0 { "behind" } else { "ahead of" });
    let told = format!("the clock of this machine is {} {way} that of {host}", spoken(off));
    let set = "set it: `sudo timedatectl set-ntp true`; in a virtual machine that slept `sudo hwclock -s`";
    let finding = match off {
        off if off <= KEPT => Finding::pass(format!("agrees with that of {host}")),
        off if off <= REFUSED || !examination.signs => Finding::warn(told).mend(set),
        _ => Finding::fail(Exit::Failed, format!("{told}: AWS refuses signatures that are 5 min off"))
            .mend(format!("{set}; until then outcrop goes by the server's clock, others do not")),
    };
    finding.fact("skew_seconds", (off > KEPT).then_some(skew))
}

/// Whether the control plane can be reached, where it is another host than that of calls.
pub(super) async fn control(examination: &mut Examination<'_>) -> Finding {
    let client = match examination.beside(Service::Control) {
        Ok(client) => client.clone(),
        Err(finding) => return finding,
    };
    let ends = (client.endpoint_of(examination.service()), client.endpoint_of(Service::Control));
    let host = match ends {
        (Ok(here), Ok(there)) if here.authority == there.authority => {
            return Finding::pass("at the same host");
        }
        (_, Ok(there)) => there.authority,
        (_, Err(error)) => return Finding::doubt(error),
    };
    match client.probe(Service::Control).await {
        Ok(Some(Probe { obstacle: Some(why), .. })) => {
            examination.no_control = true;
            Finding::warn(format!("cannot be reached, and calls of models do without it: {host}: {why}")).mend(
                "let this machine reach that host too; a VPC without a way out needs an interface endpoint for bedrock",
            )
        }
        Ok(Some(_)) => Finding::pass(format!("{host} is reached")),
        Ok(None) => Finding::skip(IN_PROCESS),
        Err(error) => Finding::doubt(error),
    }
}

fn spoken(seconds: u64) -> String {
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds / 60),
        _ => format!("{} h", seconds / 3600),
    }
}

/// Whose name is looked up: that of the proxy, where there is one.
fn first_host(endpoint: &Endpoint, probe: &Probe) -> String {
    probe.proxy.as_ref().map_or_else(|| endpoint.authority.clone(), |proxy| format!("proxy {proxy}"))
}

/// The variable that names a proxy for an endpoint, lower case first as the library has it.
fn proxy_variable(endpoint: &Endpoint, world: &Surroundings) -> Option<String> {
    let own = format!("{}_PROXY", endpoint.scheme.to_string().to_uppercase());
    let names = [own.to_lowercase(), own, "all_proxy".to_owned(), "ALL_PROXY".to_owned()];
    names.into_iter().find(|name| world.variable(name).is_some())
}
