//! `-f`: text, images and PDFs by their content, folders in order, and what is said when a file cannot be sent.

use insta::assert_snapshot;

use crate::program::outcrop;

/// A picture of one point.
pub(crate) const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89\0\0\0\nIDATx\x9cc\0\x01\0\0\x05\0\x01\r\n-\xb4\0\0\0\0IEND\xaeB`\x82";

/// A page with nothing on it.
const PDF: &[u8] = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 72 72]>>endobj\nxref\n0 4\n0000000000 65535 f \n0000000009 00000 n \n0000000052 00000 n \n0000000101 00000 n \ntrailer<</Size 4/Root 1 0 R>>\nstartxref\n164\n%%EOF\n";

#[test]
fn the_content_says_what_a_file_is() {
    let run =
        outcrop(["ask", "--local", "-q", "-f", "picture.txt", "-f", "report", "-f", "notes.png", "What is this?"]);
    let run = run.file("picture.txt", PNG).file("report", PDF).file("notes.png", "Some notes").at_home();
    assert_snapshot!(run.shown(), @r#"
    exit: 0
    ----- stdout -----
    This is Outcrop's local engine, not Claude. It received:

    picture.txt:
    [image, image/png, 1 x 1 pixels, 67 bytes]
    [document "report", PDF, 1 page, 301 bytes, no text]
    [document "notes.png", text/plain, 10 characters: Some notes]
    What is this?

    Model claude-opus-4-6, scope global, region us-east-1, 1 turn, at most 4096 tokens.
    "#);
}

#[test]
fn a_file_goes_before_the_question_under_its_name() {
    let run = outcrop(["ask", "--local", "--dry-run", "-q", "-f", "notes.md", "What is this?"]);
    let shown = run.file("notes.md", "Notes").at_home().shown();
    assert_snapshot!(shown.lines().last().unwrap_or_default(), @r#"{"anthropic_version":"bedrock-2023-05-31","max_tokens":4096,"messages":[{"role":"user","content":[{"type":"document","source":{"type":"text","media_type":"text/plain","data":"Notes"},"title":"notes.md"},{"type":"text","text":"What is this?"}]}]}"#);
}

#[test]
fn a_folder_is_walked_in_order_and_what_no_model_takes_is_skipped() {
    let run = outcrop(["ask", "--local", "-f", "folder", "What is this?"])
        .file("folder/b.txt", "second")
        .file("folder/a/one.rs", "first")
        .file("folder/.hidden", "not this")
        .file("folder/.git/config", "nor this")
        .file("folder/c.bin", b"\0\x01\x02")
        .file("folder/d.txt", "\n")
        .file("folder/picture", PNG)
        .at_home();
    assert_snapshot!(run.shown(), @r#"
    exit: 0
    ----- stdout -----
    This is Outcrop's local engine, not Claude. It received:

    [document "folder/a/one.rs", text/plain, 5 characters: first]
    [document "folder/b.txt", text/plain, 6 characters: second]
    folder/picture:
    [image, image/png, 1 x 1 pixels, 67 bytes]
    What is this?

    Model claude-opus-4-6, scope global, region us-east-1, 1 turn, at most 4096 tokens.
    ----- stderr -----
    skipped folder/c.bin: it is bytes of a kind not known here
    skipped folder/d.txt: it is empty
    answered by the local engine `mirror`, not Claude | 24 tokens in, 85 out | would cost $0.002245 | first token [TIME] | total [TIME] | request [ID]
    "#);
}

#[test]
fn standard_input_may_be_a_file() {
    let run = outcrop(["ask", "--local", "-q", "-f", "-", "What is this?"]).input(PNG);
    assert_snapshot!(run.shown(), @"
    exit: 0
    ----- stdout -----
    This is Outcrop's local engine, not Claude. It received:

    [image, image/png, 1 x 1 pixels, 67 bytes]
    What is this?

    Model claude-opus-4-6, scope global, region us-east-1, 1 turn, at most 4096 tokens.
    ");
    assert_snapshot!(outcrop(["ask", "--local", "-f", "-", "What is this?"]).input(&b"\0\x01"[..]).shown(), @"
    exit: 2
    ----- stderr -----
    error: cannot attach standard input: it is bytes of a kind not known here; taken are images (JPEG, PNG, GIF, WebP), PDF and text in UTF-8
    ");
    assert_snapshot!(outcrop(["ask", "--local", "-f", "-", "-f", "-", "What is this?"]).input("a").shown(), @"
    exit: 2
    ----- stderr -----
    error: cannot read standard input twice: `-f -` was given twice
    ");
}

#[test]
fn a_file_that_cannot_be_sent_is_told() {
    let run = |path: &str| outcrop(["ask", "--local", "-f", path, "What is this?"]).at_home();
    assert_snapshot!(run("missing.txt").shown(), @"
    exit: 2
    ----- stderr -----
    error: cannot read `missing.txt`: there is no such file
    ");
    assert_snapshot!(run("program").file("program", b"\x7fELF\x02\x01\0").shown(), @"
    exit: 2
    ----- stderr -----
    error: cannot send `program`: it is a program; taken are images (JPEG, PNG, GIF, WebP), PDF and text in UTF-8
    ");
    assert_snapshot!(run("empty").file("empty", "").shown(), @"
    exit: 2
    ----- stderr -----
    error: cannot send `empty`: it is empty
    ");
    assert_snapshot!(run("folder").file("folder/.hidden", "x").shown(), @"
    exit: 2
    ----- stderr -----
    error: folder folder holds no file, hidden ones aside
    ");
    assert_snapshot!(outcrop(["ask", "--local", "-f", "notes"]).file("notes", "x").at_home().shown(), @r#"
    exit: 2
    ----- stderr -----
    error: there is nothing to ask about the files: no prompt
    hint: outcrop ask -f FILE "What does this say?"
    "#);
}

#[cfg(unix)]
#[test]
fn a_folder_that_cannot_be_read_is_told() {
    use std::os::unix::fs::PermissionsExt as _;
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("closed");
    std::fs::create_dir(&folder).unwrap();
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o000)).unwrap();
    // Nothing is closed to an administrator.
    if std::fs::read_dir(&folder).is_ok() {
        return;
    }
    let shown = outcrop(["ask", "--local", "-f", "closed", "What?"]).home(home.path()).shown();
    assert!(shown.contains("exit: 2\n") && shown.contains("error: cannot read folder closed: "), "{shown}");
}

#[test]
fn together_they_have_a_limit() {
    let text = "x".repeat(13_000_000);
    let run = outcrop(["ask", "--local", "-f", "folder", "What is this?"])
        .file("folder/a.txt", &text)
        .file("folder/b.txt", &text)
        .at_home();
    assert_snapshot!(run.shown(), @"
    exit: 2
    ----- stderr -----
    error: cannot attach folder/b.txt: with it the files have more than 25000000 bytes, more than a request may have
    hint: name fewer files, or smaller folders
    ");
}
