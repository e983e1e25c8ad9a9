//! Documents: names, numbers, what is in them, and what the model is given of a PDF.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::{
    OPUS_4_6, SONNET_4_5, ask, content, post, refused, refused_by, said, strict, taken, text, warnings, weather,
};
use crate::asking::{PNG, pdf};
use crate::raw::local;

fn document(name: &str, format: &str, bytes: &str) -> Value {
    json!({"document": {"name": name, "format": format, "source": {"bytes": bytes}}})
}

fn txt(name: &str) -> Value {
    document(name, "txt", &STANDARD.encode("Rain in Oslo."))
}

fn cited(mut document: Value) -> Value {
    document["document"]["citations"] = json!({"enabled": true});
    document
}

fn asking(documents: Value) -> Value {
    let mut blocks = vec![json!({"text": "Read"})];
    blocks.extend(documents.as_array().unwrap().clone());
    content(json!(blocks))
}

/// As documented: text alone without citations, and on InvokeModel always pages. A test can tell by the tale and by the
/// tokens.
#[tokio::test]
async fn the_pages_of_a_pdf_are_seen_with_citations_only() {
    let local = local();
    let file = pdf("Third quarter", &["Sales rose.", "Costs fell."]);
    let plain = asking(json!([document("Report", "pdf", &file)]));
    let quoted = asking(json!([cited(document("Report", "pdf", &file))]));
    let response = post(&local, OPUS_4_6, "converse", &plain).await;
    let blind = response.json();
    assert!(text(&blind).contains("[document \"Report\", PDF, 2 pages, text only, titled"), "{}", text(&blind));
    let said = warnings(&response);
    assert!(said[0].starts_with("messages.0.content.1.document: without citations Converse is documented"), "{said:?}");
    assert_eq!(said.len(), 1);
    let response = post(&local, OPUS_4_6, "converse", &quoted).await;
    let seeing = response.json();
    assert!(text(&seeing).contains("PDF, 2 pages, pages seen, titled"), "{}", text(&seeing));
    assert_eq!(warnings(&response), Vec::<String>::new());
    let citations = seeing["output"]["message"]["content"].as_array().unwrap().iter();
    let citation = citations.filter_map(|block| block["citationsContent"]["citations"].get(0)).next().unwrap();
    assert_eq!(citation["location"], json!({"documentPage": {"documentIndex": 0, "start": 1, "end": 2}}));
    assert_eq!((&citation["title"], &citation["sourceContent"][0]["text"]), (&json!("Report"), &json!("Sales rose.")));
    let tokens = |answer: &Value| answer["usage"]["inputTokens"].as_u64().unwrap();
    assert!(tokens(&blind) < 100 && tokens(&seeing) > 2 * 1500, "{} {}", tokens(&blind), tokens(&seeing));
    let invoke = json!({"anthropic_version": "bedrock-2023-05-31", "max_tokens": 500, "messages": [{"role": "user",
        "content": [{"type": "document", "title": "Report",
            "source": {"type": "base64", "media_type": "application/pdf", "data": file}}]}]});
    let answer = post(&local, OPUS_4_6, "invoke", &invoke).await.json();
    assert!(answer["content"][0]["text"].as_str().unwrap().contains("PDF, 2 pages, titled"), "{answer}");
    assert!(answer["usage"]["input_tokens"].as_u64().unwrap() > 2 * 1500);
    // A count sees as much.
    let counted = |body: &Value| json!({"input": {"converse": body}});
    let base = "anthropic.claude-opus-4-6-v1";
    let blind = post(&local, base, "count-tokens", &counted(&plain)).await.json();
    let seeing = post(&local, base, "count-tokens", &counted(&quoted)).await.json();
    assert!(blind["inputTokens"].as_u64().unwrap() + 3000 <= seeing["inputTokens"].as_u64().unwrap());
}

#[tokio::test]
async fn other_documents_are_text_to_the_model() {
    let answer = said(OPUS_4_6, &asking(json!([document("data", "csv", &STANDARD.encode("a,b\n1,2"))]))).await;
    assert!(text(&answer).contains("[document \"data\", text/plain, 7 characters: a,b 1,2]"), "{}", text(&answer));
    let word = STANDARD.encode(b"PK\x03\x04 and what Word makes of it");
    let response = ask(OPUS_4_6, &asking(json!([document("letter", "docx", &word)]))).await;
    assert!(text(&response.json()).contains("docx of 30 bytes, whose text outcrop local cannot read"));
    assert!(warnings(&response)[0].contains("AWS gives the model the text of it"), "{:?}", warnings(&response));
}

/// Recorded: three times the model said that it was given nothing.
#[tokio::test]
async fn a_document_inside_a_tool_result_reaches_nobody() {
    let body = json!({"messages": [{"role": "user", "content": [{"text": "Fetch"}]},
        {"role": "assistant", "content": [{"toolUse": {"toolUseId": "a", "name": "weather", "input": {}}}]},
        {"role": "user", "content": [{"toolResult": {"toolUseId": "a", "content": [
            document("Report", "pdf", &pdf("t", &["Rain"])),
            {"image": {"format": "png", "source": {"bytes": PNG}}}]}}]}], "toolConfig": {"tools": [weather()]}});
    let response = ask(SONNET_4_5, &body).await;
    let tale = text(&response.json());
    assert!(tale.contains("[image, image/png, 1 x 1 pixels") && !tale.contains("document"), "{tale}");
    assert_eq!(
        warnings(&response),
        ["messages.2.content.0.toolResult: AWS takes a document here and gives the model nothing of it"]
    );
}

#[tokio::test]
async fn names_numbers_and_sizes_have_limits() {
    let name = "The document file name can only contain alphanumeric characters, whitespace characters, hyphens, \
                parentheses, and square brackets. The name can't contain more than one consecutive whitespace character. \
                Check that the file name conforms to these restrictions and retry your request.";
    // Recorded refusals.
    let names = ["John's report", "invoice #123", "a&b", "report,2026", "café", "a  b", "a\tb", "a.pdf", "報告"];
    let cases: Vec<(Value, &str)> = names.iter().map(|wrong| (asking(json!([txt(wrong)])), name)).collect();
    refused(OPUS_4_6, &cases).await;
    let large = document("a", "txt", &STANDARD.encode(vec![b'a'; 4_500_003]));
    let six: Vec<Value> = (0..6).map(|at| txt(&format!("d{at}"))).collect();
    refused(
        OPUS_4_6,
        &[
            (
                asking(json!([txt("same"), txt("same")])),
                "Messages can't contain duplicate document names. Rename the document and retry your request.",
            ),
            (
                asking(json!(six)),
                "You can't include more than 5 documents in a request. Reduce the number of documents and retry your \
                 request.",
            ),
            (
                content(json!([txt("alone")])),
                "A text block must be included when using documents. Add a text block and retry your request.",
            ),
            (asking(json!([large])), "Document is too large. Maximum document size is 4500000 bytes."),
            (
                asking(json!([document("a", "pdf", &STANDARD.encode("plain words"))])),
                "The detected filetype is PLAIN_TEXT, but the provided filetype was PDF.",
            ),
            (
                asking(json!([document("a", "pdf", PNG)])),
                "Unsupported MIME type: image/png. Retry your request with a supported file type: xlsx, txt, pdf, csv, md, \
                 doc, html, xls, docx",
            ),
            // Recorded: what AWS makes of a place in S3.
            (
                asking(json!([{"document": {"name": "a", "format": "pdf",
                    "source": {"s3Location": {"uri": "s3://bucket/key"}}}}])),
                "The model returned the following errors: messages.0.content.1.document.source.type: Field required",
            ),
            (
                content(json!([{"text": "a"}, {"image": {"format": "jpeg", "source": {"bytes": PNG}}}])),
                "The model returned the following errors: messages.0.content.1.image.source.base64: The image was specified \
                 using the image/jpeg media type, but the image appears to be a image/png image",
            ),
        ],
    )
    .await;
    // Recorded with an underscore.
    taken(OPUS_4_6, &[asking(json!([txt("sample_2"), txt("Report (1) [a]-b")]))]).await;
}

/// What the service model allows and AWS refuses today.
#[tokio::test]
async fn plain_text_without_citations_passes_with_a_warning_and_strictly_not() {
    let plain = json!({"document": {"name": "facts", "format": "txt", "source": {"text": "Ruby is red."}}});
    let rule = "DocumentSource object at messages.0.content.1.document.source must set one of the following keys: bytes, s3Location.";
    let body = asking(json!([plain]));
    let response = ask(SONNET_4_5, &body).await;
    assert!(warnings(&response)[0].ends_with(&format!("may answer `{rule}`")), "{:?}", warnings(&response));
    refused_by(&strict(), SONNET_4_5, &[(body, rule)]).await;
    let answer = post(&strict(), SONNET_4_5, "converse", &asking(json!([cited(plain)]))).await;
    assert_eq!((answer.status, warnings(&answer)), (200, Vec::new()));
    // Five a message are documented; what AWS says speaks of a request.
    let turn = |from: usize| {
        let documents: Vec<Value> = (from..from + 3).map(|at| txt(&format!("d{at}"))).collect();
        json!({"role": "user", "content": asking(json!(documents))["messages"][0]["content"]})
    };
    let body = json!({"messages": [turn(0), {"role": "assistant", "content": [{"text": "Read."}]}, turn(3)]});
    assert!(warnings(&ask(SONNET_4_5, &body).await)[0].starts_with("6 documents in several messages"));
    let many =
        "You can't include more than 5 documents in a request. Reduce the number of documents and retry your request.";
    refused_by(&strict(), SONNET_4_5, &[(body, many)]).await;
}

/// Bytes that are none, wherever they go wrong.
#[tokio::test]
async fn bytes_that_are_no_base64_are_no_request() {
    let late = format!("{}ü==", "YWFh".repeat(500));
    for bytes in ["%%%", "ü", "YQ", &late, &"ü".repeat(2000)] {
        for format in ["txt", "pdf"] {
            let refusal = ask(OPUS_4_6, &asking(json!([document("a", format, bytes)]))).await.refusal();
            assert_eq!((refusal.0, refusal.1.as_str()), (400, "SerializationException"), "{bytes:.20}");
        }
    }
}
