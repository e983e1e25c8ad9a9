//! PDFs over Converse: what the model is given of them is told, and pages are shown where that is asked for.

use outcrop::{CallOptions, Change, Client, Delivery, Document, DryRun, MessageRequest, Surface};
use serde_json::Value;

use crate::scripted::Scripted;

const PDF: &[u8] = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF";

fn pdf() -> Document {
    Document::pdf(PDF).unwrap()
}

async fn shown(model: &str, documents: Vec<Document>, options: CallOptions) -> outcrop::Result<DryRun> {
    let client: Client = Scripted::new([]).client().await;
    let mut content: Vec<outcrop::Block> = documents.into_iter().map(Into::into).collect();
    content.push(outcrop::Block::text("What does it say?"));
    let request = MessageRequest::new(model, 64).user(content);
    client.messages().with(options).dry_run(&request, Delivery::Unary).await
}

fn told<'a>(shown: &'a DryRun, name: &str) -> Vec<&'a str> {
    let named = shown.plan.edits.iter().filter(|adjustment| adjustment.name == name);
    named.inspect(|adjustment| assert_eq!(adjustment.change, Change::Placed)).map(|one| one.reason.as_str()).collect()
}

fn cited(shown: &DryRun) -> Vec<bool> {
    let body: Value = serde_json::from_slice(&shown.body).unwrap();
    let content = body["messages"][0]["content"].as_array().unwrap();
    let documents =
        content.iter().filter_map(|block| block.get("document").or((block["type"] == "document").then_some(block)));
    documents.map(|document| document["citations"]["enabled"] == true).collect()
}

#[tokio::test]
async fn that_only_the_text_is_given_is_told_and_no_reason_to_refuse() {
    let converse = CallOptions::new().surface(Surface::Converse);
    let plain = shown("opus", vec![pdf()], converse.clone().strict(true)).await.unwrap();
    let [reason] = told(&plain, "pdf.text_only")[..] else { panic!("{:?}", plain.plan.edits) };
    assert!(reason.contains("the extracted text only") && reason.contains("--visual"), "{reason}");
    assert!(!reason.contains("recordings"), "nothing was seen of this model: {reason}");
    let seen = shown("sonnet-4-5", vec![pdf(), pdf()], converse.clone()).await.unwrap();
    let [reason] = told(&seen, "pdf.text_only")[..] else { panic!("{:?}", seen.plan.edits) };
    assert!(reason.starts_with("2 PDFs") && reason.contains("recordings suggest"), "{reason}");
    for (documents, options) in [
        (vec![pdf().citations(true)], converse.clone()),
        (vec![Document::text("plain")], converse),
        (vec![pdf()], CallOptions::new()),
    ] {
        let quiet = shown("opus", documents, options).await.unwrap();
        assert!(told(&quiet, "pdf.text_only").is_empty(), "{:?}", quiet.plan.edits);
    }
}

#[tokio::test]
async fn visual_switches_citations_on_for_every_document() {
    let visual = CallOptions::new().surface(Surface::Converse).visual(true);
    let documents = vec![pdf(), Document::text("plain"), pdf().citations(true)];
    let shown_visual = shown("opus", documents.clone(), visual.clone().strict(true)).await.unwrap();
    assert_eq!(cited(&shown_visual), [true, true, true]);
    assert_eq!(told(&shown_visual, "pdf.visual").len(), 2);
    // Where pages are seen anyway, nothing changes.
    let invoke = shown("opus", documents, CallOptions::new().visual(true)).await.unwrap();
    assert_eq!(cited(&invoke), [false, false, true]);
    assert!(invoke.plan.notes.iter().any(|note| note.starts_with("visual: InvokeModel shows")), "{:?}", invoke.plan);
    let without = shown("opus", vec![Document::text("plain")], visual).await.unwrap();
    assert_eq!(cited(&without), [false], "there is nothing to see");
}
