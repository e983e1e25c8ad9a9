//! The connection: name, socket, proxy, TLS, and the clocks at both ends. The library opens it; here it is told.

use outcrop::Surroundings;
use outcrop::endpoint::{Endpoint, Source};
use outcrop::transport::{Obstacle, Probe};

use super::examination::{Examination, is_loopback};
use super::finding::Finding;
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
    show(&Seen { endpoint, probe, world: &examination.world, trust })
}

pub(super) async fn dns(examination: &mut Examination<'_>) -> Finding {
    seen(examination, |Seen { endpoint, probe, .. }| match &probe.obstacle {
        Some(Obstacle::ProxyScheme(_)) => Finding::skip("the proxy cannot be used"),
        Some(Obstacle::Name(why)) => {
            let mend = match (&probe.proxy, endpoint.source) {
                (Some(_), _) => "check the host that HTTPS_PROXY, HTTP_PROXY or ALL_PROXY names".to_owned(),
                (None, Source::Template) => {
                    "is the region spelt right? Else this machine cannot look up names outside: \
                    check its network; where only a proxy leads outside, HTTPS_PROXY names it"
                        .to_owned()
                }
                (None, source) => format!("check the host in the URL that {source} gives"),
            };
            Finding::fail(Exit::Busy, format!("{}: {why}", first_host(endpoint, probe))).mend(mend)
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
                "a firewall swallows it, or only a proxy leads outside: HTTPS_PROXY names it; in a VPC without a way out \
                 make an interface endpoint for bedrock-runtime",
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
            .mends([
                "have it allow CONNECT to that host and port; a name and password go into its URL",
                "where the host is reached without it, add the host to NO_PROXY",
            ]),
            (Some(proxy), _) => Finding::pass(format!("{proxy}, by {by}")).fact("proxy", proxy.as_str()),
        }
    })
    .await
}

pub(super) async fn tls(examination: &mut Examination<'_>) -> Finding {
    seen(examination, |seen| {
        let Seen { endpoint, probe, world, trust } = seen;
        let issuer = probe.issuer.as_deref().unwrap_or("nobody who is named");
        let failed = |why: &str| Finding::fail(Exit::Busy, format!("{}: {why}", endpoint.authority));
        let finding = match &probe.obstacle {
            _ if !probe.secured && is_loopback(endpoint) => Finding::skip("plain http, on this machine"),
            _ if !probe.secured => Finding::warn("plain http: who listens on the way reads questions, answers and bearer keys")
                .mend(format!("give an https:// URL in {}", endpoint.source)),
            Some(Obstacle::Untrusted(_)) => {
                let text = format!("the certificate is issued by {issuer}, who is not trusted (trusted: {trust})");
                let other = OTHER_BUNDLES.iter().find(|name| world.variable(name).is_some());
                let other = other.map(|name| {
                    format!("{name} is set, and not read here: `export AWS_CA_BUNDLE=\"${name}\"`, if it holds every authority")
                });
                let own = "a proxy of the company that looks into TLS? AWS_CA_BUNDLE names a PEM file of the authorities to \
                           trust in place of the system's: put the company's into it, or into the system's own store";
                failed(&text).mends([own]).mends(other)
            }
            Some(Obstacle::OutOfDate(why)) => {
                failed(&format!("{why}; the certificate is issued by {issuer}")).mend("is the clock of this machine right? Else the server needs a new certificate")
            }
            Some(Obstacle::WrongName(why)) => {
                failed(&format!("{why}; the certificate is issued by {issuer}")).mend("call it by a name that stands in its certificate")
            }
            Some(Obstacle::NotTls(why)) => {
                failed(why).mend(format!("what listens there may speak http: the URL is given by {}", endpoint.source))
            }
            Some(Obstacle::Silent(why) | Obstacle::Tls(why)) => failed(why).mend("something on the way may cut TLS: a firewall, a proxy"),
            _ => Finding::pass(format!("certificate issued by {issuer} (trusted: {trust})")),
        };
        finding.fact("issuer", probe.issuer.as_deref())
    })
    .await
}

pub(super) async fn clock(examination: &mut Examination<'_>) -> Finding {
    let (client, service) = match examination.client() {
        Ok(client) => (client.clone(), examination.service()),
        Err(finding) => return finding,
    };
    let host = client.endpoint_of(service).map(|endpoint| endpoint.authority).unwrap_or_default();
    let skew = match client.clock_skew(service).await {
        Ok(Some(skew)) => skew,
        Ok(None) => return Finding::skip(format!("the answer of {host} has no date")),
        Err(error) => return Finding::error(error),
    };
    let (off, way) = (skew.unsigned_abs(), if skew > 0 { "behind" } else { "ahead of" });
    let told = format!("the clock of this machine is {} {way} that of {host}", spoken(off));
    let set = "set it: `sudo timedatectl set-ntp true`; in a virtual machine that slept `sudo hwclock -s`";
    let finding = match off {
        off if off <= KEPT => Finding::pass(format!("agrees with that of {host}")),
        off if off <= REFUSED => Finding::warn(told).mend(set),
        _ => Finding::fail(Exit::Failed, format!("{told}: AWS refuses signatures that are 5 min off"))
            .mend(set)
            .mend("outcrop goes by the server's clock once it was refused; other programs do not"),
    };
    finding.fact("skew_seconds", (off > KEPT).then_some(skew))
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
