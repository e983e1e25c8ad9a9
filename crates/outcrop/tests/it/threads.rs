//! A client may be shared, and what it gives may go to other threads; who drops a call ends it.

use std::time::Duration;

use outcrop::{ByteStream, CallOptions, Client, ClientBuilder, Delivery, Error, Json, MessageCall, MessageStream};
use outcrop::{Response, TextStream};

use crate::scripted::{HELLO, Scripted, Step, frames, request};

#[test]
fn what_is_shared_and_sent_may_be() {
    fn shared<T: Clone + Send + Sync + 'static>() {}
    fn sent<T: Send + 'static>() {}
    fn future(_: &(impl Future + Send)) {}
    shared::<Client>();
    shared::<Response<outcrop::Message>>();
    sent::<ClientBuilder>();
    sent::<Error>();
    sent::<MessageCall>();
    sent::<MessageStream>();
    sent::<TextStream>();
    sent::<ByteStream>();
    #[expect(unused, reason = "it only has to compile")]
    fn futures(client: &Client, mut stream: MessageStream) {
        let request = request();
        let messages = client.messages();
        future(&Client::from_env());
        future(&Client::builder().build());
        future(&messages.create(&request));
        future(&messages.stream(&request));
        future(&messages.stream_bytes(&request));
        future(&messages.dry_run(&request, Delivery::Unary));
        future(&messages.count_tokens(&request));
        future(&messages.parse_as::<Json>(&request, &Json::null()));
        future(&messages.parse_stream_as::<Json>(&request, &Json::null()));
        future(&client.raw("opus", Delivery::Unary, "{}", &CallOptions::new()));
        future(&client.message("opus").send());
        future(&client.message("opus").stream());
        future(&client.message("opus").into_future());
        future(&stream.next());
        future(&stream.text().next());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_client_serves_many_tasks() {
    let server = Scripted::new((0..32).map(|_| Step::hello()));
    let client = server.client().await;
    let calls: Vec<_> = (0..32)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.messages().create(&request()).await.map(|reply| reply.text()) })
        })
        .collect();
    for call in calls {
        assert_eq!(call.await.unwrap().unwrap(), "Hello!");
    }
    assert_eq!(server.requests().len(), 32);
}

/// The connection is closed, so that the model stops writing.
#[tokio::test]
async fn dropping_a_call_or_a_stream_closes_its_connection() {
    let whole = frames(&HELLO).len();
    let server = Scripted::new([Step::silence(), Step::stream(frames(&HELLO)).silent_at(whole - 40), Step::silence()]);
    let client = server.client().await;
    let waiting = |call: usize| {
        let server = server.clone();
        async move {
            while server.requests().len() <= call {
                tokio::task::yield_now().await;
            }
        }
    };
    let request = request();
    {
        let messages = client.messages();
        let mut call = std::pin::pin!(messages.create(&request));
        tokio::select! {
            _ = &mut call => panic!("the server is silent"),
            () = waiting(0) => {}
        }
    }
    server.closed(1).await;
    let mut stream = client.messages().stream(&request).await.unwrap();
    assert!(stream.next().await.unwrap().is_ok());
    drop(stream);
    server.closed(2).await;
    // So does a task that is aborted.
    let task = tokio::spawn(client.message("opus").user("Hello").into_future());
    waiting(2).await;
    task.abort();
    server.closed(3).await;
    assert_eq!(server.requests().len(), 3, "nothing was tried again");
}

/// A pause between tries ends with its call as well.
#[tokio::test(start_paused = true)]
async fn a_call_that_was_dropped_is_not_tried_again() {
    let server = Scripted::new([Step::json(503, r#"{"message":"busy"}"#), Step::hello()]);
    let client = server.client().await;
    let call = client.message("opus").user("Hello").into_future();
    assert!(tokio::time::timeout(Duration::from_millis(100), call).await.is_err());
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(server.requests().len(), 1);
}
