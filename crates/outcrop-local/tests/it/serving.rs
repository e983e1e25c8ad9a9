//! Connections: kept alive, over sockets, in pieces; and an end that lets calls in flight finish.

use std::net::SocketAddr;
use std::time::Duration;

use outcrop_local::Local;
use outcrop_wire::dialect::invoke::EventDecoder;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::raw::{Connection, INVOKE, NOW, Request, STREAM, at, connect, local};

#[tokio::test]
async fn two_calls_on_one_connection() {
    let mut connection = connect(&local());
    for target in [INVOKE, STREAM, INVOKE] {
        let response = connection.send(&Request::good(target)).await;
        assert_eq!((response.status, response.header("connection")), (200, Some("keep-alive")), "{target}");
    }
    let refused = connection.send(&Request::post(INVOKE, "{}")).await;
    assert_eq!(refused.status, 403);
    assert_eq!(connection.send(&Request::good(INVOKE)).await.status, 200, "a refusal does not end it");
}

#[tokio::test]
async fn calls_may_be_written_before_the_first_is_answered() {
    let mut connection = connect(&local());
    for target in [INVOKE, STREAM] {
        connection.write(&Request::good(target)).await;
    }
    assert_eq!(connection.read().await.header("content-type"), Some("application/json"));
    assert_eq!(connection.read().await.header("content-type"), Some("application/vnd.amazon.eventstream"));
}

#[tokio::test]
async fn a_body_may_come_in_chunks() {
    let response = connect(&local()).send_in_chunks(&Request::good(INVOKE), 7).await;
    assert_eq!(response.status, 200, "{}", response.text());
}

#[tokio::test]
async fn a_client_that_goes_away_harms_nobody_else() {
    let local = Local::builder().clock(|| at(NOW)).pace(Duration::from_millis(2)).build();
    for _ in 0..3 {
        let mut connection = connect(&local);
        connection.write(&Request::good(STREAM)).await;
        connection.read_head().await;
        drop(connection);
    }
    assert_eq!(connect(&local).send(&Request::good(STREAM)).await.status, 200);
}

#[tokio::test]
async fn an_answer_says_truly_whether_the_connection_stays() {
    let mut connection = connect(&local());
    let last = connection.send(&Request::good(INVOKE).header("connection", "close")).await;
    assert_eq!((last.status, last.header("connection")), (200, Some("close")));
    assert!(connection.is_over().await);
}

/// A server on a socket, until it is told to stop.
async fn serve(local: Local) -> (TcpStream, SocketAddr, oneshot::Sender<()>, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel();
    let serving = tokio::spawn(async move {
        local
            .serve(listener, async {
                let _ = stopped.await;
            })
            .await;
    });
    (TcpStream::connect(address).await.unwrap(), address, stop, serving)
}

#[tokio::test]
async fn calls_over_a_socket() {
    let (socket, address, stop, serving) = serve(local()).await;
    let mut connection = Connection::over(socket);
    assert_eq!(connection.send(&Request::good(INVOKE)).await.status, 200);
    let mut another = Connection::over(TcpStream::connect(address).await.unwrap());
    assert_eq!(another.send(&Request::good(STREAM)).await.status, 200);
    assert_eq!(connection.send(&Request::good(STREAM)).await.status, 200);
    stop.send(()).unwrap();
    serving.await.unwrap();
}

#[tokio::test]
async fn a_stream_in_flight_finishes_after_the_stop() {
    let local = Local::builder().clock(|| at(NOW)).pace(Duration::from_millis(5)).build();
    let (socket, address, stop, serving) = serve(local).await;
    let mut connection = Connection::over(socket);
    connection.write(&Request::good(STREAM)).await;
    let head = connection.read_head().await;
    let first = connection.read_chunk(&head).await.unwrap();
    stop.send(()).unwrap();
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert!(!serving.is_finished(), "it waits for the stream");
    assert!(TcpStream::connect(address).await.is_err(), "nobody new is let in");

    let mut decoder = EventDecoder::default();
    decoder.push(&first);
    while let Some(chunk) = connection.read_chunk(&head).await {
        decoder.push(&chunk);
    }
    let mut last = None;
    while let Some(event) = decoder.next_event().unwrap() {
        last = Some(event);
    }
    assert_eq!(last.unwrap().kind(), "message_stop");
    decoder.finish().unwrap();
    serving.await.unwrap();
    assert!(connection.is_over().await);
}

#[tokio::test]
async fn connections_without_a_call_do_not_hold_up_the_stop() {
    let (socket, address, stop, serving) = serve(local()).await;
    let mut used = Connection::over(socket);
    assert_eq!(used.send(&Request::good(INVOKE)).await.status, 200);
    let mut unused = Connection::over(TcpStream::connect(address).await.unwrap());
    // So that it is accepted before the stop.
    tokio::time::sleep(Duration::from_millis(20)).await;
    stop.send(()).unwrap();
    tokio::time::timeout(Duration::from_secs(5), serving).await.expect("it does not stop").unwrap();
    assert!(used.is_over().await && unused.is_over().await);
}

#[tokio::test]
async fn a_stream_comes_at_its_pace() {
    let local = Local::builder().clock(|| at(NOW)).pace(Duration::from_millis(2)).build();
    let mut connection = connect(&local);
    let began = tokio::time::Instant::now();
    let response = connection.send(&Request::good(STREAM)).await;
    let pauses = u32::try_from(response.chunks.len()).unwrap();
    assert!(began.elapsed() >= Duration::from_millis(2) * pauses, "{pauses} events in {:?}", began.elapsed());
}

/// Most clients write all of a body before they read: if it is not taken, they see a broken pipe and no reason.
#[tokio::test]
async fn a_refusal_reaches_a_client_that_sends_its_whole_body_first() {
    let (_, address, stop, serving) = serve(local()).await;
    for (target, length, status) in [
        (INVOKE, 25_000_001, 413),
        ("/model/global.anthropic.claude-opus-4-6-v1/invoke-with-bidirectional-stream", 5_000_000, 404),
        ("/nothing", 5_000_000, 200),
    ] {
        let mut connection = Connection::over(TcpStream::connect(address).await.unwrap());
        let request = Request::post(target, vec![b' '; length]).bearer(outcrop_local::Account::BEARER_TOKEN);
        connection.write(&request).await;
        assert_eq!(connection.read().await.status, status, "{target}");
    }
    stop.send(()).unwrap();
    serving.await.unwrap();
}
