//! Sockets: loopback, proxies, and connections that cannot be had.

use std::time::Duration;

use outcrop::Kind;
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpListener;

use crate::clients::builder_at;
use crate::scripted::{SECRET, Scripted, Step, request};

#[tokio::test]
async fn a_call_and_a_stream_over_a_socket() {
    let server = Scripted::new([Step::hello(), Step::streamed_hello().in_pieces(50, Duration::ZERO)]);
    let url = server.listen().await;
    let client = builder_at(&url, &[], &[]).build().await.unwrap();
    assert_eq!(client.messages().create(&request()).await.unwrap().text(), "Hello!");
    let stream = client.messages().stream(&request()).await.unwrap();
    assert_eq!(stream.finish().await.unwrap().text(), "Hello!");
    for recorded in server.requests() {
        assert_eq!(Some(url.trim_start_matches("http://")), recorded.header("host"));
        assert_eq!(recorded.verify(SECRET), Ok(()));
    }
}

#[tokio::test]
async fn dropping_a_stream_closes_its_socket() {
    let server = Scripted::new([Step::streamed_hello().silent_at(500)]);
    let client = builder_at(&server.listen().await, &[], &[]).build().await.unwrap();
    let stream = client.messages().stream(&request()).await.unwrap();
    drop(stream);
    server.closed(1).await;
}

#[tokio::test]
async fn nobody_listens() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let client = builder_at(&format!("http://{address}"), &[], &[]).build().await.unwrap();
    let error = client.messages().create(&request()).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Connect);
    assert!(error.to_string().contains(&address.to_string()), "{error}");
    assert!(error.to_string().contains("refused"), "{error}");
}

#[tokio::test]
async fn a_plain_endpoint_is_asked_through_the_proxy() {
    for name in ["HTTP_PROXY", "http_proxy", "ALL_PROXY"] {
        let proxy = Scripted::new([Step::hello()]);
        let url = proxy.listen().await;
        let client = builder_at("http://bedrock.example/base", &[(name, &url)], &[]).build().await.unwrap();
        client.messages().create(&request()).await.unwrap();
        let recorded = proxy.request();
        assert_eq!(
            recorded.target, "http://bedrock.example/base/model/global.anthropic.claude-opus-4-6-v1/invoke",
            "{name}"
        );
        assert_eq!(recorded.header("host"), Some("bedrock.example"));
    }
}

#[tokio::test]
async fn a_host_may_be_excepted_from_the_proxy() {
    let (proxy, server) = (Scripted::new([]), Scripted::new([Step::hello()]));
    let (proxy_url, url) = (proxy.listen().await, server.listen().await);
    let variables = [("HTTP_PROXY", proxy_url.as_str()), ("NO_PROXY", "localhost,127.0.0.1")];
    let client = builder_at(&url, &variables, &[]).build().await.unwrap();
    client.messages().create(&request()).await.unwrap();
    assert_eq!((proxy.requests().len(), server.requests().len()), (0, 1));
}

#[tokio::test]
async fn a_tls_endpoint_is_tunnelled_through_the_proxy() {
    let proxy = Scripted::new([Step::text(403, "text/plain", "no tunnels here")]);
    let url = proxy.listen().await;
    let client = builder_at("https://bedrock.example", &[("HTTPS_PROXY", &url)], &[]).build().await.unwrap();
    let error = client.messages().create(&request()).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Connect);
    assert!(error.to_string().contains("proxy 127.0.0.1"), "{error}");
    let recorded = proxy.request();
    assert_eq!((recorded.method.as_str(), recorded.target.as_str()), ("CONNECT", "bedrock.example:443"));
    assert_eq!(recorded.header("authorization"), None, "the proxy learns nothing of who calls");
}

#[tokio::test]
async fn connecting_has_a_limit() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let proxy = format!("http://{}", listener.local_addr().unwrap());
    let silent = tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut bytes = Vec::new();
        // Reads the wish for a tunnel, and whatever comes until the client gives up.
        socket.read_to_end(&mut bytes).await.unwrap_or(0);
        bytes
    });
    let builder = builder_at("https://bedrock.example", &[("HTTPS_PROXY", &proxy)], &[]);
    let client = builder.connect_timeout(Duration::from_millis(30)).build().await.unwrap();
    let error = client.messages().create(&request()).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Connect);
    assert!(error.to_string().contains("bedrock.example did not answer within 30ms"), "{error}");
    assert!(silent.await.unwrap().starts_with(b"CONNECT "));
}

#[tokio::test]
async fn a_proxy_of_another_kind_is_refused_without_showing_it() {
    let error = builder_at("https://bedrock.example", &[("HTTPS_PROXY", "http://user:hid den@")], &[])
        .build()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Config);
    assert!(error.to_string().contains("HTTPS_PROXY"), "{error}");
    assert!(!format!("{error:?}").contains("hid"), "{error}");
    // One that is not spoken is an error of the calls that would go through it, and of no others.
    let socks = [("HTTPS_PROXY", "socks5://user:hidden@127.0.0.1:1080")];
    let client =
        builder_at("https://bedrock.example", &socks, &[]).retry(outcrop::Retry::none()).build().await.unwrap();
    let error = client.messages().create(&request()).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Connect);
    assert!(error.to_string().contains("proxy"), "{error}");
    assert!(!format!("{error:?}").contains("hid"), "{error}");
}
