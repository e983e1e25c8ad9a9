//! PDFs over Converse: what the model is given of them is told, and pages are shown where that is asked for.

use outcrop::converse::{ContentBlock, ConverseRequest, DocumentBlock, DocumentFormat};
use outcrop::{CallOptions, Change, Client, Delivery, Document, DryRun, MessageRequest, Surface};
use outcrop_local::Local;
use serde_json::Value;

use crate::clients::client_in;
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
    let changes = if name == "pdf.text_only" { Change::Told } else { Change::Placed };
    named.inspect(|adjustment| assert_eq!(adjustment.change, changes)).map(|one| one.reason.as_str()).collect()
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

#[tokio::test]
async fn in_the_shapes_of_converse_it_is_told_and_nothing_is_changed() {
    let client = Scripted::new([]).client().await;
    let pdf = DocumentBlock::from_bytes(DocumentFormat::Pdf, "a", PDF);
    let told = async |document: DocumentBlock| {
        let content = vec![ContentBlock::Document(Box::new(document)), ContentBlock::Text("What does it say?".into())];
        let request = ConverseRequest::new("opus").user(content);
        let shown = client.converse().dry_run(&request, Delivery::Unary).await.unwrap();
        let reasons: Vec<String> = shown.plan.edits.iter().map(|adjustment| adjustment.reason.clone()).collect();
        (reasons, serde_json::from_slice::<Value>(&shown.body).unwrap())
    };
    let (reasons, body) = told(pdf.clone()).await;
    let [reason] = &reasons[..] else { panic!("{reasons:?}") };
    assert!(
        reason.contains("the extracted text only") && reason.contains(r#""citations": {"enabled": true}"#),
        "{reason}"
    );
    assert!(body["messages"][0]["content"][0]["document"].get("citations").is_none(), "nothing is changed");
    assert_eq!(told(pdf.citations(true)).await.0, Vec::<String>::new());
    assert_eq!(told(DocumentBlock::plain_text("a", "plain")).await.0, Vec::<String>::new());
}

/// A PDF of one page with a text on it.
fn page(text: &str) -> Vec<u8> {
    let content = format!("BT /F1 12 Tf 72 720 Td ({text}) Tj ET");
    let objects = [
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        "<</Type/Pages/Count 1/Kids[4 0 R]>>".to_owned(),
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>".to_owned(),
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Resources<</Font<</F1 3 0 R>>>>/Contents 5 0 R>>".to_owned(),
        format!("<</Length {}>>\nstream\n{content}\nendstream", content.len()),
    ];
    let mut file = "%PDF-1.4\n".to_owned();
    let mut places = Vec::new();
    for (object, number) in objects.iter().zip(1..) {
        places.push(file.len());
        file.push_str(&format!("{number} 0 obj\n{object}\nendobj\n"));
    }
    let start = file.len();
    file.push_str("xref\n0 6\n0000000000 65535 f \n");
    places.iter().for_each(|place| file.push_str(&format!("{place:010} 00000 n \n")));
    file.push_str(&format!("trailer\n<</Size 6/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n"));
    file.into_bytes()
}

#[tokio::test]
async fn pages_are_seen_where_they_were_asked_for() {
    let local = Local::new();
    let client = client_in("us-east-1", &local).await;
    let ask = async |options: CallOptions| {
        let content = vec![Document::pdf(page("Quartz is hard.")).unwrap().into(), outcrop::Block::text("What is it?")];
        let request = MessageRequest::new("opus", 512).user(content);
        let reply = client.messages().with(options).create(&request).await.unwrap();
        (reply.text(), reply.usage.total_input())
    };
    let converse = || CallOptions::new().surface(Surface::Converse);
    let (text, less) = ask(converse()).await;
    assert!(text.contains("text only") && !text.contains("pages seen"), "{text}");
    let (text, more) = ask(converse().visual(true)).await;
    assert!(!text.contains("text only") && more > less, "{less} {more} {text}");
    let (text, _) = ask(CallOptions::new()).await;
    assert!(!text.contains("text only"), "{text}");
}
