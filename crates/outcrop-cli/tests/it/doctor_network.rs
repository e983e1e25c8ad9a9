//! `outcrop doctor` where something stands between this machine and Bedrock: names, sockets, proxies, TLS, clocks.

use std::sync::mpsc;
use std::time::{Duration, SystemTime};

use insta::assert_snapshot;
use outcrop_local::Local;

use crate::doctor::{check, closed, doctor, server, told};
use crate::program::{LOCAL_KEYS, Running, outcrop};

#[test]
fn clocks_that_are_apart_are_told_and_the_walk_goes_on() {
    let (send, receive) = mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let ahead = || SystemTime::now() + Duration::from_secs(3630);
            let server = Local::builder().clock(ahead).start().await.unwrap();
            send.send(server.address().to_string()).unwrap();
            std::future::pending::<()>().await;
        });
    });
    let address = receive.recv().unwrap();
    let run = doctor(&["--endpoint-url", &format!("http://{address}")]).envs(LOCAL_KEYS);
    assert_snapshot!(told(run, &["clock", "identity", "permission"]).replace(&address, "[ADDRESS]"), @"
    exit: 1
    fail  clock        the clock of this machine is 60 min behind that of [ADDRESS]: AWS refuses signatures that are 5 min off
    mend: set it: `sudo timedatectl set-ntp true`; in a virtual machine that slept `sudo hwclock -s`; until then outcrop goes by the server's clock, others do not
    pass  identity     arn:aws:iam::123456789012:user/outcrop-local in account 123456789012
    pass  permission   bedrock:InvokeModelWithResponseStream, bedrock:InvokeModel on 127.0.0.1:[PORT]
    ----- stderr -----
    error: 1 check failed: clock
    ");
}

#[test]
fn what_stands_in_the_way_of_a_connection_is_told_apart() {
    let closed = closed();
    let url = format!("http://{closed}");
    let run = doctor(&["--endpoint-url", &url]).envs(LOCAL_KEYS);
    assert_snapshot!(told(run, &["dns", "tcp", "tls"]).replace(&closed, "[CLOSED]"), @"
    exit: 3
    pass  dns          [CLOSED] needs no name
    fail  tcp          [CLOSED]: Connection refused
    mend: nothing listens there: is it running, and is it the right port?
    skip  tls          not looked at: `tcp` failed
    ----- stderr -----
    error: 1 check failed: tcp
    ");
    let run = doctor(&["--json", "--endpoint-url", "https://bedrock.invalid"]).envs(LOCAL_KEYS);
    let dns = check(run, "dns");
    assert_eq!(dns["status"], "fail");
    assert!(dns["found"].as_str().unwrap().starts_with("bedrock.invalid: "), "{dns}");
    let run = doctor(&["--endpoint-url", "https://bedrock.example"]).envs(LOCAL_KEYS).env("HTTPS_PROXY", &url);
    assert_snapshot!(told(run, &["dns", "tcp", "proxy"]).replace(&closed, "[CLOSED]"), @"
    exit: 3
    pass  dns          proxy [CLOSED] needs no name
    fail  tcp          proxy [CLOSED]: Connection refused
    mend: nothing listens there: is it running, and is it the right port?
    skip  proxy        not looked at: `tcp` failed
    ----- stderr -----
    error: 1 check failed: tcp
    ");
    let proxy = server(|_| ("403 Forbidden", "", String::new()));
    let run = doctor(&["--endpoint-url", "https://bedrock.example"]).envs(LOCAL_KEYS);
    let run = run.env("HTTPS_PROXY", format!("http://me:hidden@{proxy}"));
    assert_snapshot!(told(run, &["tcp", "proxy", "tls"]).replace(&proxy, "[PROXY]"), @"
    exit: 3
    pass  tcp          connected to [PROXY]
    fail  proxy        [PROXY], by HTTPS_PROXY, lets nothing through to bedrock.example: proxy [PROXY]: tunnel error: unsuccessful
    mend: have it allow CONNECT to that host (a name and password go into its URL), or add the host to NO_PROXY
    skip  tls          not looked at: `proxy` failed
    ----- stderr -----
    error: 1 check failed: proxy
    ");
}

#[test]
fn an_authority_that_is_not_trusted_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let (tls, other) = (folder.path().join("tls"), folder.path().join("other"));
    let (_server, address) = Running::local(&["--tls", "--tls-dir", tls.to_str().unwrap()]);
    let stranger = outcrop(["local", "--env", "--tls", "--tls-dir", other.to_str().unwrap()]).output();
    assert!(stranger.status.success());
    let look = |bundle: &std::path::Path| {
        let run = doctor(&["--endpoint-url", &format!("https://{address}")]).envs(LOCAL_KEYS);
        let run = run.env("AWS_CA_BUNDLE", bundle.join("authority.pem")).env("NODE_EXTRA_CA_CERTS", "/ca.pem");
        let shown = told(run, &["tls", "clock"]).replace(&address, "[ADDRESS]");
        shown.replace(folder.path().to_str().unwrap(), "[FOLDER]")
    };
    assert_snapshot!(look(&other), @r#"
    exit: 3
    fail  tls          [ADDRESS]: the certificate is issued by outcrop local, for this machine only, who is not trusted (trusted: [FOLDER]/other/authority.pem, from AWS_CA_BUNDLE)
    mend: NODE_EXTRA_CA_CERTS is set, and not read here: `export AWS_CA_BUNDLE="$NODE_EXTRA_CA_CERTS"`, if it holds every authority
    skip  clock        not looked at: `tls` failed
    ----- stderr -----
    error: 1 check failed: tls
    "#);
    assert_snapshot!(look(&tls), @"
    exit: 0
    pass  tls          certificate issued by outcrop local, for this machine only (trusted: [FOLDER]/tls/authority.pem, from AWS_CA_BUNDLE)
    pass  clock        agrees with that of [ADDRESS]
    ");
}

#[test]
fn certificates_that_nobody_can_read_are_told_at_tls() {
    let folder = tempfile::tempdir().unwrap();
    let (_server, address) = Running::local(&["--tls", "--tls-dir", folder.path().to_str().unwrap()]);
    let run = doctor(&["--endpoint-url", &format!("https://{address}")]).envs(LOCAL_KEYS);
    let shown = told(run.env("SSL_CERT_DIR", "/no/such/folder"), &["tls", "http", "identity"]);
    assert_snapshot!(shown.replace(&address, "[ADDRESS]"), @"
    exit: 2
    fail  tls          the system has no certificates to trust: opening directory: No such file or directory
    mend: have SSL_CERT_DIR name certificates that can be read, or unset it
    skip  http         not looked at: `tls` failed
    skip  identity     not looked at: `tls` failed
    ----- stderr -----
    error: 1 check failed: tls
    ");
}

#[test]
fn a_url_that_is_not_bedrocks_is_told() {
    let (_server, address) = Running::local(&[]);
    let run = doctor(&["--endpoint-url", &format!("http://{address}/elsewhere")]).envs(LOCAL_KEYS);
    assert_snapshot!(told(run, &["identity", "permission", "offered", "access"]).replace(&address, "[ADDRESS]"), @"
    exit: 1
    skip  identity     [ADDRESS] answers no questions of who calls
    fail  permission   cannot call global.anthropic.claude-opus-4-6-v1 with an empty body: UnknownOperationException (404): AWS knows no operation at this path
    mend: the endpoint URL is not one of bedrock-runtime, or a proxy changed the path
    skip  offered      what answers there does not tell
    skip  access       what answers there does not tell
    ----- stderr -----
    error: 1 check failed: permission
    ");
    let page = server(|_| ("200 OK", "", "<html>Log in</html>".to_owned()));
    let run = doctor(&["--endpoint-url", &format!("http://{page}")]).envs(LOCAL_KEYS);
    assert_snapshot!(told(run, &["http", "identity", "permission"]).replace(&page, "[PAGE]"), @"
    exit: 1
    pass  http         [PAGE] answers
    skip  identity     [PAGE] answers no questions of who calls
    fail  permission   cannot call global.anthropic.claude-opus-4-6-v1 with an empty body: the answer is a web page (200 OK), which Bedrock's are not
    mend: is it the URL of Bedrock Runtime, or of a gateway that answers as it does?
    ----- stderr -----
    error: 1 check failed: permission
    ");
}

#[test]
fn a_control_plane_that_cannot_be_reached_is_told_once_and_calls_go_on() {
    let (_server, address) = Running::local(&[]);
    let closed = closed();
    let run = doctor(&["--call"]).envs(LOCAL_KEYS).env("AWS_ENDPOINT_URL", format!("http://{address}"));
    let run = run.env("AWS_ENDPOINT_URL_BEDROCK", format!("http://{closed}"));
    let told = told(run, &["control", "identity", "permission", "offered", "lifecycle", "form", "access", "retention"]);
    assert_snapshot!(told.replace(&closed, "[CLOSED]"), @"
    exit: 0
    warn  control      cannot be reached, and calls of models do without it: [CLOSED]: Connection refused
    mend: let this machine reach that host too; a VPC without a way out needs an interface endpoint for bedrock
    pass  identity     arn:aws:iam::123456789012:user/outcrop-local in account 123456789012
    pass  permission   bedrock:InvokeModelWithResponseStream, bedrock:InvokeModel on 127.0.0.1:[PORT]
    skip  offered      not looked at: `control` cannot be reached
    skip  lifecycle    not looked at: `control` cannot be reached
    skip  form         not looked at: `control` cannot be reached
    skip  access       not looked at: `control` cannot be reached
    pass  retention    claude-opus-4-6 asks for none
    ");
}

#[test]
fn a_proxy_for_plain_http_that_is_not_there_is_told_once() {
    let closed = closed();
    let run = doctor(&["--endpoint-url", "http://bedrock.invalid"]).envs(LOCAL_KEYS);
    let run = run.env("http_proxy", format!("http://{closed}"));
    assert_snapshot!(told(run, &["dns", "tcp", "http", "identity"]).replace(&closed, "[CLOSED]"), @"
    exit: 3
    pass  dns          proxy [CLOSED] needs no name
    fail  tcp          proxy [CLOSED]: Connection refused
    mend: nothing listens there: is it running, and is it the right port?
    skip  http         not looked at: `tcp` failed
    skip  identity     not looked at: `tcp` failed
    ----- stderr -----
    error: 1 check failed: tcp
    ");
}
