//! Runs with tools: turns, results, every way a call fails, and every way a run stops.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use outcrop::tools::{
    Callable, Decision, Outcome, RunEvent, Stopped, ToolContext, ToolError, ToolFinished, ToolRun, ToolSet,
};
use outcrop::wire::messages::Thinking;
use outcrop::{Block, Error, Event, Json, Kind, Model, Retry, Tool, ToolChoice};
use outcrop_local::Local;
use serde_json::{Value, json};

use crate::clients::client_in;
use crate::scripted::{REGION, Scripted, Step, exception, frames, request, streamed};

/// A reply of these blocks.
fn reply(stop_reason: &str, content: &str) -> String {
    format!(
        r#"{{"model":"claude-opus-4-6","id":"msg_bdrk_01","type":"message","role":"assistant","content":{content},"stop_reason":"{stop_reason}","stop_sequence":null,"usage":{{"input_tokens":10,"cache_read_input_tokens":4,"output_tokens":5}}}}"#
    )
}

fn call(id: &str, name: &str, input: &str) -> String {
    format!(r#"{{"type":"tool_use","id":"{id}","name":"{name}","input":{input}}}"#)
}

fn done() -> Step {
    Step::json(200, &reply("end_turn", r#"[{"type":"text","text":"Done."}]"#))
}

fn whole(body: &str) -> Step {
    Step::json(200, body)
}

/// The schema of any object.
fn anything() -> Json {
    schema(r#"{"type":"object"}"#)
}

fn schema(text: &str) -> Json {
    Json::from_text(text).unwrap()
}

/// Waits for `ms` of its arguments, then says them.
fn wait() -> Callable {
    #[derive(serde::Deserialize)]
    struct Wait {
        ms: u64,
    }
    let schema = schema(r#"{"type":"object","properties":{"ms":{"type":"integer"}},"required":["ms"]}"#);
    Callable::new(Tool::new("wait", "Waits.", schema), |wait: Wait| async move {
        tokio::time::sleep(Duration::from_millis(wait.ms)).await;
        Ok(format!("waited {}", wait.ms).into())
    })
}

fn named(name: &str, run: impl Fn() -> outcrop::tools::ToolResult + Send + Sync + 'static) -> Callable {
    Callable::new(Tool::new(name, "A tool.", anything()), move |_: Json| std::future::ready(run()))
}

async fn run_of(server: &Scripted, tools: impl Into<ToolSet>) -> ToolRun {
    let client = server.builder().retry(Retry::none()).build().await.unwrap();
    client.run_tools(request(), tools)
}

/// Writes down what is told.
fn listen(run: ToolRun) -> (ToolRun, Arc<Mutex<Vec<RunEvent>>>) {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let writer = Arc::clone(&heard);
    (run.on_event(move |event| writer.lock().unwrap().push(event.clone())), heard)
}

fn finished(events: &[RunEvent]) -> Vec<&ToolFinished> {
    let finished = events.iter().filter_map(|event| match event {
        RunEvent::ToolFinished(finished) => Some(&**finished),
        _ => None,
    });
    finished.collect()
}

fn short(event: &RunEvent) -> String {
    match event {
        RunEvent::Event(event) => event.kind().to_owned(),
        RunEvent::Reply(reply) => format!("reply {}", reply.stop_reason.as_ref().unwrap()),
        RunEvent::ToolStarted(call) => format!("started {}", call.id),
        RunEvent::ToolFinished(finished) => format!("finished {}", finished.call.id),
        _ => "?".to_owned(),
    }
}

#[tokio::test(start_paused = true)]
async fn calls_run_side_by_side_and_are_answered_in_order() {
    let content = format!(
        r#"[{{"type":"thinking","thinking":"Hm.","signature":"c2ln"}},{{"type":"redacted_thinking","data":"cmVk"}},{{"type":"text","text":"Let me see."}},{},{}]"#,
        call("a", "wait", r#"{ "ms": 20 }"#),
        call("b", "wait", r#"{"ms":10}"#)
    );
    let server = Scripted::new([whole(&reply("tool_use", &content)), done()]);
    let (run, heard) = listen(run_of(&server, [wait()]).await);
    let run = run.await.unwrap();
    assert_eq!((run.reply.text().as_str(), run.stopped, run.turns), ("Done.", Stopped::Reply, 2));
    assert_eq!((run.usage.input_tokens, run.usage.output_tokens, run.usage.total_input()), (20, 10, 28));
    let told: Vec<String> = heard.lock().unwrap().iter().map(short).collect();
    assert_eq!(told, ["reply tool_use", "started a", "started b", "finished b", "finished a", "reply end_turn"]);
    let requests = server.requests();
    assert_eq!(requests[0].json()["tools"][0]["name"], "wait");
    // The reply goes back to the letter, thinking, signatures and all.
    assert!(requests[1].text().contains(&content), "{}", requests[1].text());
    assert_eq!(
        requests[1].json()["messages"][2],
        json!({"role": "user", "content": [
            {"type": "tool_result", "tool_use_id": "a", "content": "waited 20"},
            {"type": "tool_result", "tool_use_id": "b", "content": "waited 10"},
        ]})
    );
    assert_eq!(run.request.messages.len(), 4);
    assert_eq!(run.follow_up("Thanks").messages.len(), 5);
}

#[tokio::test(start_paused = true)]
async fn every_failure_is_told_to_the_model() {
    let calls: Vec<String> = ["nothing", "wait", "fail", "panic", "slow", "huge", "secret", "echo"]
        .iter()
        .map(|name| call(name, name, r#"{"ms":"soon"}"#))
        .collect();
    let server = Scripted::new([whole(&reply("tool_use", &format!("[{}]", calls.join(",")))), done()]);
    let slow = Callable::new(Tool::new("slow", "Never ends.", anything()), |_: Json| std::future::pending());
    let echo = Callable::new(Tool::new("echo", "Says it.", anything()), |said: Json| async move { Ok(said.into()) });
    let tools = [
        wait(),
        named("fail", || Err(ToolError::new("out of stock"))),
        named("panic", || panic!("at the disco")),
        slow,
        named("huge", || Ok("x".repeat(1000).into())),
        named("secret", || Ok("never".into())),
        echo,
    ];
    let run = run_of(&server, tools).await.tool_timeout(Duration::from_millis(1500)).result_limit(600);
    let run = run.before_call(|call| async move {
        match call.name.as_str() {
            "secret" => Decision::deny("it is secret"),
            "echo" => Decision::Replace(Json::from_text(r#"{"in":"stead"}"#).unwrap()),
            "nothing" => panic!("nobody is asked about what is not there"),
            _ => Decision::Allow,
        }
    });
    let (run, heard) = listen(run);
    run.await.unwrap();
    let results = server.requests()[1].json()["messages"][2]["content"].take();
    let expected = [
        (true, "Error: there is no tool `nothing`. There are: `wait`, `fail`, "),
        (
            true,
            "Error: the arguments do not fit the tool `wait`: at `ms`: invalid type: string \"soon\", expected u64 at line 1 column 12. They must fit this JSON Schema: {\"type\":\"object\"",
        ),
        (true, "out of stock"),
        (true, "Error: the tool `panic` broke down."),
        (true, "Error: the tool `slow` was stopped: it took longer than 1.5 s."),
        (false, "xxxxxx"),
        (true, "Error: the call was not allowed: it is secret"),
        (false, r#"{"in":"stead"}"#),
    ];
    for (at, (failed, text)) in expected.into_iter().enumerate() {
        let result = &results[at];
        assert_eq!(result["is_error"].as_bool().unwrap_or(false), failed, "{result}");
        assert!(result["content"].as_str().unwrap().starts_with(text), "{result}");
    }
    assert!(
        results[5]["content"]
            .as_str()
            .unwrap()
            .ends_with("the first 600 of its 1000 bytes are shown. Ask for less at a time.]")
    );
    let heard = heard.lock().unwrap();
    let outcome = |id: &str| {
        let finished = finished(&heard).into_iter().find(|finished| finished.call.id == id).unwrap();
        (finished.outcome.clone(), finished.cut)
    };
    assert_eq!(outcome("nothing").0, Outcome::Unknown);
    assert!(matches!(outcome("wait").0, Outcome::BadArguments(why) if why.contains("at `ms`")));
    assert_eq!(outcome("fail").0, Outcome::Failed);
    assert_eq!(outcome("panic").0, Outcome::Panicked("at the disco".into()));
    assert_eq!(outcome("slow").0, Outcome::TimedOut);
    assert_eq!((outcome("huge"), outcome("echo")), ((Outcome::Done, true), (Outcome::Done, false)));
    assert_eq!(outcome("secret").0, Outcome::Denied);
    assert!(!heard.iter().any(|event| short(event) == "started secret" || short(event) == "started nothing"));
}

#[tokio::test(start_paused = true)]
async fn at_most_so_many_calls_at_a_time() {
    for (concurrency, expected) in [(1, 1), (3, 3), (100, 10)] {
        let calls: Vec<String> = (0..10).map(|id| call(&id.to_string(), "count", "{}")).collect();
        let server = Scripted::new([whole(&reply("tool_use", &format!("[{}]", calls.join(",")))), done()]);
        let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let seen = Arc::clone(&most);
        let count = Callable::new(Tool::new("count", "Counts.", anything()), move |_: Json| {
            let (now, most) = (Arc::clone(&now), Arc::clone(&most));
            async move {
                most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                tokio::time::sleep(Duration::from_millis(5)).await;
                now.fetch_sub(1, Ordering::SeqCst);
                Ok("".into())
            }
        });
        run_of(&server, count).await.concurrency(concurrency).await.unwrap();
        assert_eq!(seen.load(Ordering::SeqCst), expected);
        let results = server.requests()[1].json()["messages"][2]["content"].take();
        let ids: Vec<&str> = results.as_array().unwrap().iter().map(|it| it["tool_use_id"].as_str().unwrap()).collect();
        assert_eq!(ids, ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]);
    }
}

#[tokio::test(start_paused = true)]
async fn calls_of_a_reply_that_was_cut_are_not_carried_out() {
    let content = format!("[{}]", call("a", "never", "{}"));
    for reason in ["max_tokens", "refusal", "end_turn", "model_context_window_exceeded", "something_new"] {
        let server = Scripted::new([whole(&reply(reason, &content))]);
        let run = run_of(&server, named("never", || panic!("it was called"))).await.await.unwrap();
        assert_eq!((run.stopped, run.turns), (Stopped::Reply, 1), "{reason}");
        let request = run.follow_up("Go on.");
        let last = serde_json::to_value(request.messages.last().unwrap()).unwrap();
        assert_eq!((&last["content"][0]["tool_use_id"], &last["content"][0]["is_error"]), (&json!("a"), &json!(true)));
        assert_eq!(last["content"][1]["text"], "Go on.");
    }
    let server = Scripted::new([whole(&reply("tool_use", r#"[{"type":"text","text":"none"}]"#))]);
    assert_eq!(run_of(&server, ToolSet::new()).await.await.unwrap().stopped, Stopped::NoCalls);
}

#[tokio::test(start_paused = true)]
async fn a_paused_turn_goes_back_as_it_is() {
    let paused = r#"[{"type":"server_tool_use","id":"srv","name":"code_execution","input":{"code":"1"}}]"#;
    let body = reply("pause_turn", paused)
        .replace(r#""usage""#, r#""container":{"id":"box","expires_at":"2026-11-23"},"usage""#);
    let server = Scripted::new([whole(&body), done()]);
    let run = run_of(&server, ToolSet::new()).await.await.unwrap();
    assert_eq!((run.stopped, run.turns), (Stopped::Reply, 2));
    let again = server.requests()[1].clone();
    assert!(again.text().contains(paused), "{}", again.text());
    assert_eq!(again.json()["messages"].as_array().unwrap().len(), 2);
    // Code goes on in its container, where the surface has one: InvokeModel has not.
    assert_eq!(run.request.container, Some("box".into()));
}

#[tokio::test(start_paused = true)]
async fn turns_are_limited_and_the_conversation_can_go_on() {
    let again = || whole(&reply("tool_use", &format!("[{}]", call("a", "wait", r#"{"ms":1}"#))));
    let server = Scripted::new([again(), again(), again(), done()]);
    let run = run_of(&server, wait()).await.max_turns(3).await.unwrap();
    assert_eq!((run.stopped, run.turns, server.requests().len()), (Stopped::MaxTurns, 3, 3));
    // The last calls were answered: the conversation is whole.
    let last = serde_json::to_value(run.request.messages.last().unwrap()).unwrap();
    assert_eq!(last["content"][0]["content"], "waited 1");
    let client = server.client().await;
    let run = client.run_tools(run.request, wait()).await.unwrap();
    assert_eq!((run.reply.text().as_str(), run.turns), ("Done.", 1));
    let sent = server.requests()[3].json();
    assert_eq!((sent["messages"].as_array().unwrap().len(), sent["tools"].as_array().unwrap().len()), (7, 1));
}

#[tokio::test(start_paused = true)]
async fn a_call_that_must_be_made_must_be_made_once() {
    let server = Scripted::new([whole(&reply("tool_use", &format!("[{}]", call("a", "wait", r#"{"ms":1}"#)))), done()]);
    let client = server.client().await;
    client.message("opus").user("Hi").tool_choice(ToolChoice::tool("wait")).run(wait()).await.unwrap();
    let requests = server.requests();
    assert_eq!(requests[0].json()["tool_choice"], json!({"type": "tool", "name": "wait"}));
    assert_eq!(requests[1].json()["tool_choice"], Value::Null);
}

#[tokio::test(start_paused = true)]
async fn a_failure_keeps_the_conversation() {
    let server = Scripted::new([
        whole(&reply("tool_use", &format!("[{}]", call("a", "wait", r#"{"ms":1}"#)))),
        Step::json(400, r#"{"message":"no more"}"#).header("x-amzn-errortype", "ValidationException"),
    ]);
    let failed = run_of(&server, wait()).await.await.unwrap_err();
    assert_eq!((failed.error.status(), failed.turns, failed.usage.output_tokens), (Some(400), 1, 5));
    assert_eq!(failed.request.messages.len(), 3);
    assert!(failed.to_string().contains("no more"));
    let error: Error = failed.into();
    assert_eq!(error.kind(), Kind::Service);
}

#[tokio::test]
async fn tools_without_a_name_of_their_own_are_refused() {
    let server = Scripted::new([]);
    let failed = run_of(&server, [wait(), wait()]).await.await.unwrap_err();
    assert_eq!((failed.error.kind(), failed.turns), (Kind::Invalid, 0));
    assert!(failed.to_string().contains("two tools have the name `wait`"), "{failed}");
    assert!(server.requests().is_empty());
}

#[tokio::test(start_paused = true)]
async fn tools_share_the_state_of_the_run() {
    let server = Scripted::new([whole(&reply("tool_use", &format!("[{}]", call("a", "who", "{}")))), done()]);
    let who =
        Callable::with_context(Tool::new("who", "Who?", anything()), |_: Json, context: ToolContext| async move {
            let name = context.state::<String>().ok_or_else(|| ToolError::new("nobody"))?;
            Ok(format!("{name} {} {} {}", context.id, context.name, context.turn).into())
        });
    run_of(&server, who).await.state("Ada".to_owned()).await.unwrap();
    assert_eq!(server.requests()[1].json()["messages"][2]["content"][0]["content"], "Ada a who 1");
}

#[tokio::test(start_paused = true)]
async fn a_streamed_run_tells_events_and_tools_as_they_come() {
    let first = reply("tool_use", &format!("[{}]", call("a", "wait", r#"{"ms":1}"#)));
    let last = reply("end_turn", r#"[{"type":"text","text":"Done."}]"#);
    let server = Scripted::new([streamed(&first), streamed(&last)]);
    let mut stream = run_of(&server, wait()).await.stream();
    let mut told = Vec::new();
    while let Some(event) = stream.next().await {
        let event = short(&event.unwrap());
        if told.last() != Some(&event) {
            told.push(event);
        }
    }
    let turn = [
        "message_start",
        "content_block_start",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
        "message_stop",
    ];
    let calls = ["reply tool_use", "started a", "finished a"];
    let expected: Vec<&str> = turn.into_iter().chain(calls).chain(turn).chain(["reply end_turn"]).collect();
    assert_eq!(told, expected);
    let run = stream.finish().await.unwrap();
    assert_eq!((run.reply.text().as_str(), run.turns, run.usage.output_tokens), ("Done.", 2, 10));
    assert_eq!(server.requests()[1].json()["messages"][2]["content"][0]["content"], "waited 1");
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_fails_gives_one_error_after_what_came() {
    let first = reply("tool_use", &format!("[{}]", call("a", "wait", r#"{"ms":1}"#)));
    let mut cut = frames(&crate::scripted::HELLO[..3]);
    cut.extend(exception("throttlingException", "slow down"));
    let server = Scripted::new([streamed(&first), Step::stream(cut)]);
    let mut stream = run_of(&server, wait()).await.stream();
    let (mut events, mut errors) = (Vec::new(), Vec::new());
    while let Some(event) = stream.next().await {
        match event {
            Ok(event) => events.push(event),
            Err(error) => errors.push(error),
        }
    }
    assert!(errors.len() == 1 && errors[0].is_throttled(), "{errors:?}");
    assert_eq!(errors[0].partial().unwrap().text(), "Hel");
    assert!(matches!(events.last(), Some(RunEvent::Event(Event::ContentBlockDelta(_)))), "{events:?}");
    let failed = stream.finish().await.unwrap_err();
    assert_eq!((failed.turns, failed.request.messages.len()), (1, 3));
}

/// Says when it is dropped.
struct Guard(tokio::sync::mpsc::UnboundedSender<()>);

impl Drop for Guard {
    fn drop(&mut self) {
        let _ = self.0.send(());
    }
}

#[tokio::test]
async fn dropping_a_run_stops_its_tools() {
    for streams in [false, true] {
        let body = reply("tool_use", &format!("[{}]", call("a", "endless", "{}")));
        let server = Scripted::new([if streams { streamed(&body) } else { whole(&body) }]);
        let (began, mut has_begun) = tokio::sync::mpsc::unbounded_channel();
        let (ended, mut has_ended) = tokio::sync::mpsc::unbounded_channel();
        let endless = Callable::new(Tool::new("endless", "Never ends.", anything()), move |_: Json| {
            let (began, guard) = (began.clone(), Guard(ended.clone()));
            async move {
                let _guard = guard;
                let _ = began.send(());
                std::future::pending().await
            }
        });
        let run = run_of(&server, endless).await;
        let going = tokio::spawn(async move {
            match streams {
                false => drop(run.await),
                true => drop(run.stream().finish().await),
            }
        });
        has_begun.recv().await.unwrap();
        going.abort();
        has_ended.recv().await.unwrap();
    }
}

#[test]
fn runs_may_move_between_threads() {
    fn send<T: Send>(_: &T) {}
    let check = |run: ToolRun| {
        let stream = run.stream();
        send(&stream);
        send(&stream.finish());
    };
    let _ = check;
    fn sendable<T: Send>() {}
    sendable::<ToolRun>();
    sendable::<<ToolRun as std::future::IntoFuture>::IntoFuture>();
}

#[tokio::test]
async fn the_local_bedrock_calls_a_tool_and_reads_its_result() {
    let client = client_in(REGION, &Local::new()).await;
    let run = client.message("sonnet").user("How long?").tool_choice(ToolChoice::any()).run(wait()).await.unwrap();
    assert_eq!((run.turns, run.stopped), (2, Stopped::Reply));
    assert!(run.reply.text().contains("] waited 0"), "{}", run.reply.text());
}

/// It verifies signatures and that each call has its result, so what it takes went back unchanged.
#[tokio::test]
async fn the_local_bedrock_thinks_and_calls_tools_side_by_side() {
    let client = client_in(REGION, &Local::new()).await;
    let tools = || [wait(), named("fail", || Err(ToolError::new("out of stock")))];
    let call = client.message(Model::CLAUDE_SONNET_4_6).max_tokens(4000).thinking(Thinking::budget(1024));
    let mut stream = call.user("Use wait, then use fail.").run(tools()).stream();
    let mut outcomes = Vec::new();
    while let Some(event) = stream.next().await {
        if let RunEvent::ToolFinished(finished) = event.unwrap() {
            outcomes.push((finished.call.name, finished.outcome));
        }
    }
    let run = stream.finish().await.unwrap();
    outcomes.sort_by(|a, b| a.0.cmp(&b.0));
    assert_eq!(outcomes, [("fail".to_owned(), Outcome::Failed), ("wait".to_owned(), Outcome::Done)]);
    assert_eq!((run.turns, run.stopped), (2, Stopped::Reply));
    let thoughts = run.request.blocks().filter(|block| matches!(block, Block::Thinking(_))).count();
    assert!(thoughts >= 1, "{:?}", run.request.messages);
    // And on it goes.
    let run = client.run_tools(run.follow_up("Thanks."), tools()).await.unwrap();
    assert!(run.reply.text().contains("Thanks."), "{}", run.reply.text());
}
