//! What code, shell commands and the text editor gave back.

use super::ToolFailure;
use crate::record::{record, union};

union! {
    /// What code gave out, or why it failed.
    pub enum CodeExecutionContent {
        /// It ran.
        Ran(CodeExecutionResult) = "code_execution_result",
        /// It ran; its output is opaque.
        RanEncrypted(EncryptedCodeExecutionResult) = "encrypted_code_execution_result",
        /// It failed.
        Failed(ToolFailure) = "code_execution_tool_result_error",
    }
}

record! {
    /// What a program gave out.
    pub struct CodeExecutionResult {
        /// Its exit code.
        required return_code: i64,
        /// Its output.
        required stdout: String,
        /// Its error output.
        required stderr: String,
        /// Files it made.
        required content: Vec<ExecutionOutput>,
    }
}

record! {
    /// What a program gave out, opaque.
    pub struct EncryptedCodeExecutionResult {
        /// Its exit code.
        required return_code: i64,
        /// Its output; to be sent back as it is.
        required encrypted_stdout: String,
        /// Its error output.
        required stderr: String,
        /// Files it made.
        required content: Vec<ExecutionOutput>,
    }
}

union! {
    /// A file that a program made.
    pub enum ExecutionOutput {
        /// Of code.
        Code(OutputFile) = "code_execution_output",
        /// Of a shell command.
        Bash(BashOutputFile) = "bash_code_execution_output",
    }
}

record! {
    /// A file that code made.
    pub struct OutputFile {
        /// Its id.
        required file_id: String,
    }
}

record! {
    /// A file that a shell command made.
    pub struct BashOutputFile {
        /// Its id.
        required file_id: String,
    }
}

union! {
    /// What a shell command gave out, or why it failed.
    pub enum BashCodeExecutionContent {
        /// It ran.
        Ran(CodeExecutionResult) = "bash_code_execution_result",
        /// It failed.
        Failed(ToolFailure) = "bash_code_execution_tool_result_error",
    }
}

union! {
    /// What the text editor did, or why it failed.
    pub enum TextEditorCodeExecutionContent {
        /// It showed a file.
        Viewed(ViewResult) = "text_editor_code_execution_view_result",
        /// It wrote a file.
        Created(CreateResult) = "text_editor_code_execution_create_result",
        /// It replaced text.
        Replaced(ReplaceResult) = "text_editor_code_execution_str_replace_result",
        /// It failed.
        Failed(ToolFailure) = "text_editor_code_execution_tool_result_error",
    }
}

record! {
    /// A file that was shown.
    pub struct ViewResult {
        /// Its text, or what stands for it.
        required content: String,
        /// `text`, `image`, `pdf`.
        required file_type: String,
        /// Lines shown.
        nullable num_lines: u64,
        /// The first of them.
        nullable start_line: u64,
        /// Lines there are.
        nullable total_lines: u64,
    }
}

record! {
    /// A file that was written.
    pub struct CreateResult {
        /// Whether it was there before.
        required is_file_update: bool,
    }
}

record! {
    /// Text that was replaced.
    pub struct ReplaceResult {
        /// The lines, as a difference.
        nullable lines: Vec<String>,
        /// Lines now.
        nullable new_lines: u64,
        /// Where they begin.
        nullable new_start: u64,
        /// Lines before.
        nullable old_lines: u64,
        /// Where they began.
        nullable old_start: u64,
    }
}
