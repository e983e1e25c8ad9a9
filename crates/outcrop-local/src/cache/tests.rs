//! What is read and written, request by request.

use outcrop_wire::catalogue::PdfView;
use outcrop_wire::messages::MessageRequest;
use serde_json::{Value, json};

use super::*;

/// A cache with a clock, and a least prefix of 100 tokens.
struct Bench {
    cache: PromptCache,
    now: SystemTime,
}

impl Bench {
    fn new() -> Self {
        Bench { cache: PromptCache::default(), now: SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000) }
    }

    fn wait(&mut self, minutes: u64) {
        self.now += Duration::from_secs(60 * minutes);
    }

    fn ask(&self, body: &Value) -> Input {
        self.ask_at(body, Place { account: "1", region: "us-east-1", model: Model::CLAUDE_OPUS_4_6 })
    }

    fn ask_at(&self, body: &Value, place: Place<'_>) -> Input {
        let mut body = body.clone();
        body["max_tokens"] = json!(1);
        let request: MessageRequest = serde_json::from_value(body).expect("a request");
        let prompt = Prompt::new(&request, PdfView::Pages);
        let weighed = self.cache.weigh(&prompt, place, 100, self.now);
        self.cache.keep(&weighed, self.now);
        let input = weighed.input;
        let sum = input.plain + input.read + input.written_5m + input.written_1h;
        assert_eq!(sum, prompt.tokens(), "{input:?} is not the whole of the request");
        input
    }
}

/// A text of 100 tokens that begins with `name`.
fn text(name: &str) -> Value {
    json!({"type": "text", "text": format!("{name:.<400}")})
}

fn cached(mut block: Value, ttl: Option<&str>) -> Value {
    block["cache_control"] = json!({"type": "ephemeral"});
    if let Some(ttl) = ttl {
        block["cache_control"]["ttl"] = json!(ttl);
    }
    block
}

fn user(blocks: &[Value]) -> Value {
    json!({"messages": [{"role": "user", "content": blocks}]})
}

#[test]
fn a_prefix_is_written_then_read_until_it_ends() {
    let mut bench = Bench::new();
    let body = user(&[cached(text("a"), None), text("b")]);
    let written = bench.ask(&body);
    assert_eq!((written.written_5m, written.read, written.plain), (104, 0, 100));
    bench.wait(4);
    assert_eq!(bench.ask(&body), Input { plain: 100, read: 104, ..Input::default() });
    bench.wait(4);
    assert_eq!(bench.ask(&body).read, 104, "a read makes it live on");
    bench.wait(5);
    assert_eq!(bench.ask(&body).written_5m, 104, "five minutes are over");
    let hour = user(&[cached(text("h"), Some("1h"))]);
    assert_eq!(bench.ask(&hour), Input { written_1h: 104, ..Input::default() });
    bench.wait(59);
    assert_eq!(bench.ask(&hour).read, 104);
}

#[test]
fn checkpoints_move_and_are_no_part_of_what_is_cached() {
    let bench = Bench::new();
    bench.ask(&user(&[text("a"), cached(text("b"), None)]));
    let next = bench.ask(&user(&[text("a"), text("b"), text("c"), cached(text("d"), None)]));
    assert_eq!((next.read, next.written_5m, next.plain), (204, 200, 0));
    let string = json!({"messages": [{"role": "user", "content": text("a")["text"]}]});
    assert_eq!(bench.ask(&string).plain, 104, "nothing asks for the cache");
    let changed = bench.ask(&user(&[text("A"), cached(text("b"), None)]));
    assert_eq!((changed.read, changed.written_5m), (0, 204));
}

#[test]
fn a_string_is_one_text_block() {
    let bench = Bench::new();
    let mut body = json!({"system": [cached(text("s"), None)], "messages": [{"role": "user", "content": "hi"}]});
    bench.ask(&body);
    body["system"] = text("s")["text"].clone();
    body["messages"] = json!([{"role": "user", "content": [cached(text("a"), None)]}]);
    assert_eq!(bench.ask(&body).read, 100);
}

#[test]
fn several_checkpoints_split_what_is_written_by_how_long_it_lives() {
    let mut bench = Bench::new();
    let body = json!({
        "tools": [{"name": "t", "description": text("t")["text"], "input_schema": {}, "cache_control": {"type": "ephemeral", "ttl": "1h"}}],
        "system": [cached(text("s"), Some("1h")), text("more")],
        "messages": [{"role": "user", "content": [cached(text("a"), None), text("b")]}]
    });
    let first = bench.ask(&body);
    assert_eq!((first.written_1h, first.written_5m, first.plain), (202, 204, 100));
    bench.wait(6);
    let second = bench.ask(&body);
    assert_eq!((second.read, second.written_1h, second.written_5m), (202, 0, 204), "what lives longer is still there");
}

#[test]
fn short_prefixes_are_silently_not_cached() {
    let bench = Bench::new();
    let short = user(&[cached(json!({"type": "text", "text": "short"}), None), text("a"), cached(text("b"), None)]);
    assert_eq!(bench.ask(&short).written_5m, 206, "the first checkpoint counts for nothing");
    let body = user(&[cached(json!({"type": "text", "text": "short"}), None)]);
    for _ in 0..2 {
        assert_eq!(bench.ask(&body), Input { plain: 6, ..Input::default() });
    }
}

#[test]
fn a_read_looks_back_twenty_pieces_with_its_own() {
    for (more, read) in [(19, 104), (20, 0)] {
        let bench = Bench::new();
        let mut blocks = vec![cached(text("a"), None)];
        bench.ask(&user(&blocks));
        blocks[0] = text("a");
        blocks.extend((0..more).map(|at| json!({"type": "text", "text": format!("{at}")})));
        let last = blocks.len() - 1;
        blocks[last] = cached(blocks[last].clone(), None);
        assert_eq!(bench.ask(&user(&blocks)).read, read, "{more} more");
        // A checkpoint closer to it finds it.
        blocks[10] = cached(blocks[10].clone(), None);
        assert!(bench.ask(&user(&blocks)).read >= 104);
    }
}

#[test]
fn settings_change_what_stands_on_them() {
    let base = json!({
        "tools": [{"name": "t", "description": text("t")["text"], "input_schema": {}}],
        "system": [cached(text("s"), None)],
        "messages": [{"role": "user", "content": [cached(text("a"), None)]}]
    });
    let with = |name: &str, value: Value| {
        let mut body = base.clone();
        body[name] = value;
        body
    };
    let cited = json!([{"role": "user", "content": [cached(text("a"), None), {"type": "document",
        "source": {"type": "text", "media_type": "text/plain", "data": "x"}, "citations": {"enabled": true}}]}]);
    let image = json!([{"role": "user", "content": [cached(text("a"), None), {"type": "image",
        "source": {"type": "base64", "media_type": "image/png", "data": ""}}]}]);
    for (body, read, what) in [
        (base.clone(), 306, "the same"),
        (with("temperature", json!(0.5)), 306, "sampling changes nothing"),
        (with("tool_choice", json!({"type": "any"})), 202, "another tool choice changes the messages"),
        (with("thinking", json!({"type": "adaptive"})), 202, "thinking changes the messages"),
        (with("messages", image), 202, "an image changes the messages"),
        (with("messages", cited), 0, "citations change the system prompt"),
        (with("tools", json!([])), 0, "tools change everything"),
    ] {
        let bench = Bench::new();
        bench.ask(&base);
        assert_eq!(bench.ask(&body).read, read, "{what}");
    }
}

#[test]
fn accounts_regions_and_models_have_caches_of_their_own() {
    let bench = Bench::new();
    let body = user(&[cached(text("a"), None)]);
    let here = Place { account: "1", region: "us-east-1", model: Model::CLAUDE_OPUS_4_6 };
    bench.ask(&body);
    assert_eq!(bench.ask_at(&body, here).read, 104);
    for other in [
        Place { account: "2", ..here },
        Place { region: "eu-west-1", ..here },
        Place { model: Model::CLAUDE_SONNET_4_6, ..here },
    ] {
        assert_eq!(bench.ask_at(&body, other).read, 0, "{other:?}");
    }
}

#[test]
fn an_automatic_checkpoint_moves_with_the_conversation() {
    let bench = Bench::new();
    let mut body = user(&[text("a")]);
    body["cache_control"] = json!({"type": "ephemeral", "ttl": "1h"});
    assert_eq!(bench.ask(&body).written_1h, 104);
    body["messages"] = json!([{"role": "user", "content": [text("a")]},
        {"role": "assistant", "content": [{"type": "thinking", "thinking": "hm", "signature": "s"}, text("b")]},
        {"role": "user", "content": [text("c"), {"type": "text", "text": ""}]}]);
    let next = bench.ask(&body);
    assert_eq!((next.read, next.written_1h), (104, 208));
}

#[test]
fn there_is_an_end_to_what_is_kept() {
    let mut bench = Bench::new();
    for at in 0..MOST / 4 + 10 {
        let blocks: Vec<Value> = (0..4).map(|part| cached(text(&format!("{at} {part}")), None)).collect();
        bench.ask(&user(&blocks));
        bench.now += Duration::from_millis(1);
    }
    assert_eq!(bench.cache.0.lock().expect("whole").len(), MOST);
}
