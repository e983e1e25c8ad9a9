//! A question about a PDF, answered with the pages that the answer comes from: `pdf report.pdf`.
#![allow(clippy::print_stdout)]

use outcrop::{Block, Citation, Client, Document, Model, Ttl};

#[tokio::main]
async fn main() -> outcrop::Result<()> {
    let path = std::env::args().nth(1).unwrap_or_else(|| "report.pdf".to_owned());
    let report = Document::pdf_file(&path).await?.title(path).citations(true).cache(Ttl::FiveMinutes);

    let client = Client::from_env().await?;
    let reply = client
        .message(Model::CLAUDE_SONNET_4_5.global())
        .max_tokens(1024)
        .user([report.into(), Block::text("What does it say? Cite it.")])
        .await?;

    println!("{}", reply.text());
    for citation in reply.citations() {
        if let Citation::Page(page) = citation {
            println!("page {}: {}", page.start_page_number, page.cited_text.trim());
        }
    }
    Ok(())
}
