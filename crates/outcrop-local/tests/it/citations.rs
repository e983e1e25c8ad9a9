//! Citations: real sentences at their real places.

use outcrop_wire::messages::{Block, Citation, Delta, Event};
use serde_json::{Value, json};

use crate::asking::{ask, pdf, saying, stream};

fn document(title: &str, source: Value) -> Value {
    json!({"type": "document", "title": title, "source": source, "citations": {"enabled": true}})
}

fn plain(text: &str) -> Value {
    json!({"type": "text", "media_type": "text/plain", "data": text})
}

/// What is cited, as JSON.
async fn cited(content: Value) -> Vec<Value> {
    let message = ask(&saying(content)).await;
    for block in &message.content {
        let Block::Text(block) = block else { panic!("{block:?}") };
        if let Some(citations) = &block.citations {
            let cited = citations[0].cited_text().unwrap();
            assert_eq!(block.text, cited.trim(), "what is said is what is cited");
        }
    }
    message.citations().map(|citation| serde_json::to_value(citation).unwrap()).collect()
}

#[tokio::test]
async fn each_kind_of_source_has_its_kind_of_place() {
    let text = "Größe zählt. Ruby was made by Matz in 1993. Rails came later.";
    let report = pdf("t", &["Page one is short.", "Here Ruby stands on page two. It goes on."]);
    let blocks = json!({"type": "content", "content": [
        {"type": "text", "text": "Python first."}, {"type": "text", "text": "Ruby second."}]});
    let result = json!({"type": "search_result", "source": "https://example.com/ruby", "title": "Ruby",
        "content": [{"type": "text", "text": "A gem."}, {"type": "text", "text": "The Ruby language."}], "citations": {"enabled": true}});
    let cited = cited(json!([
        {"type": "text", "text": "Who made Ruby?"},
        document("facts.txt", plain(text)),
        {"type": "document", "source": plain("Not to be cited. Ruby.")},
        document("report.pdf", json!({"type": "base64", "media_type": "application/pdf", "data": report})),
        result,
        document("blocks", blocks)
    ]))
    .await;
    let start = text.chars().position(|letter| letter == 'R').unwrap();
    let sentence = "Ruby was made by Matz in 1993. ";
    assert_eq!(
        cited,
        [
            json!({"type": "char_location", "cited_text": sentence, "document_index": 0, "document_title": "facts.txt",
                "start_char_index": start, "end_char_index": start + sentence.len()}),
            json!({"type": "page_location", "cited_text": "Here Ruby stands on page two. ", "document_index": 2,
                "document_title": "report.pdf", "start_page_number": 2, "end_page_number": 3}),
            json!({"type": "search_result_location", "cited_text": "The Ruby language.", "search_result_index": 0,
                "source": "https://example.com/ruby", "title": "Ruby", "start_block_index": 1, "end_block_index": 2}),
            json!({"type": "content_block_location", "cited_text": "Ruby second.", "document_index": 3,
                "document_title": "blocks", "start_block_index": 1, "end_block_index": 2}),
        ]
    );
}

#[tokio::test]
async fn nothing_is_cited_that_is_not_to_be_or_cannot_be() {
    let off = json!({"type": "document", "source": plain("A sentence."), "citations": {"enabled": false}});
    let broken = document("x", json!({"type": "base64", "media_type": "application/pdf", "data": "JVBERi0xLjQK"}));
    let message = ask(&saying(json!([off, broken, {"type": "text", "text": "A sentence?"}]))).await;
    assert_eq!(message.citations().count(), 0);
    assert_eq!(message.content.len(), 1, "one text, not split");
}

#[tokio::test]
async fn documents_of_earlier_turns_and_of_results_count() {
    let message = ask(&json!({"anthropic_version": "bedrock-2023-05-31", "max_tokens": 2000,
        "tools": [{"name": "read", "input_schema": {"type": "object"}}],
        "messages": [
            {"role": "user", "content": [document("first", plain("One.")), {"type": "text", "text": "Go"}]},
            {"role": "assistant", "content": [{"type": "tool_use", "id": "t1", "name": "read", "input": {}}]},
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t1", "content": [document("second", plain("Two."))]}]}
        ]}))
    .await;
    let indexes: Vec<u32> = message
        .citations()
        .map(|citation| match citation {
            Citation::Char(place) => place.document_index,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(indexes, [0, 1]);
}

#[tokio::test]
async fn a_stream_cites_before_it_speaks() {
    let body = saying(json!([document("d", plain("It rains.")), {"type": "text", "text": "Weather?"}]));
    let (events, message) = stream(&body).await;
    let at = message.content.iter().position(|block| matches!(block, Block::Text(text) if text.citations.is_some()));
    let at = u32::try_from(at.unwrap()).unwrap();
    let kinds: Vec<&str> = events
        .iter()
        .filter_map(|event| match event {
            Event::ContentBlockStart(start) if start.index == at => {
                // As recorded: the list is there from the start, empty.
                assert_eq!(serde_json::to_value(&start.content_block).unwrap()["citations"], json!([]));
                Some("start")
            }
            Event::ContentBlockDelta(delta) if delta.index == at => Some(match &delta.delta {
                Delta::Citations(_) => "citation",
                Delta::Text(_) => "text",
                other => panic!("{other:?}"),
            }),
            _ => None,
        })
        .collect();
    assert_eq!(kinds[..3], ["start", "citation", "text"]);
}
