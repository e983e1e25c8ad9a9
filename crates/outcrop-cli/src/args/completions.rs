//! `outcrop completions`

use clap::{Args, ValueEnum};

/// Print the completions of a shell
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Completions {
    /// The shell
    pub(crate) shell: Shell,
}

/// A shell that can be told how to complete.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Shell {
    Bash,
    Zsh,
    Fish,
}

const EXAMPLES: &str = "\
Examples:
  outcrop completions bash > ~/.local/share/bash-completion/completions/outcrop
  outcrop completions zsh > ~/.zfunc/_outcrop        (with fpath+=~/.zfunc before compinit)
  outcrop completions fish > ~/.config/fish/completions/outcrop.fish";
