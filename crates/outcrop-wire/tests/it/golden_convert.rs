//! Golden files of conversions: one input, and a snapshot of it in each dialect, with what was lost on the way.

use outcrop_wire::Accumulator;
use outcrop_wire::convert::{
    Converted, Identity, Instead, LOSSES, Loss, message_to_converse, request_from_converse, request_to_converse, table,
};
use outcrop_wire::dialect::{converse, invoke, messages};
use outcrop_wire::edit::Edit;
use outcrop_wire::messages::{Event, Message, MessageRequest};
use outcrop_wire::model::ModelId;
use outcrop_wire::replay::{Replay, replay};

use crate::golden;

/// Checks `text` against the snapshot of that name.
fn snapshot(name: &str, text: &str) {
    let mut settings = insta::Settings::new();
    settings.set_snapshot_path("../golden/convert/snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

fn with_losses(body: &[u8], losses: &[Loss]) -> String {
    let mut text = String::from_utf8(body.to_vec()).unwrap();
    for loss in losses {
        text.push_str(&format!("\n{} {}: {}", loss.row.instead, loss.row.name, loss.place));
    }
    text
}

#[test]
fn requests_in_each_dialect() {
    for (name, text) in golden::files("convert/request") {
        let name = name.trim_end_matches(".messages");
        let request: MessageRequest = serde_json::from_str(&text).unwrap();
        // What the path says.
        let path = [Edit::drop("model"), Edit::drop("stream")];
        let body = invoke::encode_request(&request, &path).unwrap();
        snapshot(&format!("{name}.invoke"), &with_losses(&body, &[]));
        let body = messages::encode_request(&request, &[]).unwrap();
        snapshot(&format!("{name}.messages"), &with_losses(&body, &[]));
        let Converted { value: body, losses } = converse::encode_request(&request, &path).unwrap();
        snapshot(&format!("{name}.converse"), &with_losses(&body, &losses));

        // Turn by turn or all at once: the same.
        let whole = request_to_converse(request.clone());
        assert_eq!(converse::encode_converse_request(&whole.value).unwrap(), body, "{name}");
        assert_eq!(whole.losses, losses, "{name}");
        // And back: what was not lost is there.
        let back = converse::decode_request(ModelId::default(), &body).unwrap();
        // A page of the web has no index of its own in Converse: its citation is kept as it is.
        let kept = back.losses.iter().all(|loss| loss.row.instead == Instead::Kept && name == "citations");
        assert!(kept, "{name}: what came from Messages has its place there: {:?}", back.losses);
        let again = request_to_converse(back.value);
        assert_eq!(converse::encode_converse_request(&again.value).unwrap(), body, "{name}: the second time");
        assert_eq!(again.losses, [], "{name}");
    }
}

#[test]
fn requests_from_converse() {
    for (name, text) in golden::files("convert/from_converse") {
        let name = name.trim_end_matches(".converse");
        let Converted { value, losses } = converse::decode_request(ModelId::default(), text.as_bytes()).unwrap();
        snapshot(&format!("{name}.messages"), &with_losses(&serde_json::to_vec(&value).unwrap(), &losses));
        let back = request_to_converse(value.clone());
        let body = converse::encode_converse_request(&back.value).unwrap();
        snapshot(&format!("{name}.converse"), &with_losses(&body, &back.losses));
        let again = request_from_converse(back.value);
        assert_eq!(again.value, value, "{name}: what was kept is kept again");
    }
}

#[test]
fn replies_in_each_dialect() {
    for (name, text) in golden::files("convert/reply") {
        let name = name.trim_end_matches(".messages");
        let message = Message::decode(text.as_bytes()).unwrap();
        let body = invoke::encode_response(&message).unwrap();
        snapshot(&format!("{name}.invoke"), &with_losses(&body, &[]));
        let Converted { value: body, losses } = converse::encode_response(&message).unwrap();
        snapshot(&format!("{name}.converse"), &with_losses(&body, &losses));
        assert_eq!(message_to_converse(message.clone()).losses, losses);

        let events = replay(&message, &Replay { metrics: None, piece: Some(6) });
        let (mut encoder, mut bytes) = (converse::EventEncoder::default(), Vec::new());
        for event in &events {
            encoder.encode(event, 2, &mut bytes).unwrap();
        }
        let mut frames = converse::ConverseEventDecoder::default();
        frames.push(&bytes);
        let mut lines: Vec<String> = Vec::new();
        while let Some(event) = frames.next_event().unwrap() {
            lines.push(serde_json::to_string(&event).unwrap());
        }
        frames.finish().unwrap();
        snapshot(&format!("{name}.stream.converse"), &with_losses(lines.join("\n").as_bytes(), encoder.losses()));

        let mut decoder = converse::EventDecoder::default();
        decoder.identify(Identity { id: message.id.clone(), model: message.model.clone() });
        decoder.push(&bytes);
        let (mut accumulator, mut lines) = (Accumulator::new(), Vec::new());
        while let Some(event) = decoder.next_event().unwrap() {
            accumulator.push(&event).unwrap();
            lines.push(serde_json::to_string(&event).unwrap());
            assert!(!matches!(event, Event::Other(_)));
        }
        snapshot(&format!("{name}.stream.messages"), &with_losses(lines.join("\n").as_bytes(), decoder.losses()));
        let streamed = accumulator.into_message().unwrap();
        let whole = converse::decode_response(&body, &Identity { id: message.id, model: message.model }).unwrap();
        assert_eq!(streamed.content, whole.value.content, "{name}");
        assert_eq!(streamed.usage, whole.value.usage, "{name}");
    }
}

#[test]
fn the_table() {
    snapshot("losses", &table());
    assert_eq!(table().lines().count(), LOSSES.len() + 2);
}
