//! Prompt caching: where the checkpoints of a request stand.

use outcrop::Block;
use outcrop::wire::messages::{CacheControl, Content, MessageRequest, Role, System, SystemBlock, TextBlock, Ttl};

/// Puts one checkpoint after the system prompt (after the tools where there is none), and one after the last file of
/// the last question, or after the question where it has no file. Checkpoints of earlier turns go: what was cached is
/// found again without them, and a request may have four.
pub(crate) fn set(request: &mut MessageRequest, ttl: Ttl) {
    // Five minutes need not be said.
    let checkpoint = match ttl {
        Ttl::FiveMinutes => CacheControl::ephemeral(),
        other => CacheControl::lasting(other),
    };
    match (&mut request.system, request.tools.as_mut().and_then(|tools| tools.last_mut())) {
        (Some(system), _) => set_on_system(system, &checkpoint),
        (None, Some(tool)) => {
            if let Some(place) = tool.checkpoint_mut() {
                *place = Some(checkpoint.clone());
            }
        }
        (None, None) => {}
    }
    for turn in &mut request.messages {
        if let Content::Blocks(blocks) = &mut turn.content {
            blocks.iter_mut().filter_map(Block::checkpoint_mut).for_each(|place| *place = None);
        }
    }
    let Some(turn) = request.messages.iter_mut().rev().find(|turn| turn.role == Role::User) else { return };
    let mut blocks = std::mem::replace(&mut turn.content, Content::Blocks(Vec::new())).into_blocks();
    let is_file = |block: &Block| matches!(block, Block::Image(_) | Block::Document(_));
    let at = blocks.iter().rposition(is_file).or(blocks.len().checked_sub(1));
    if let Some(place) = at.and_then(|at| blocks[at].checkpoint_mut()) {
        *place = Some(checkpoint);
    }
    turn.content = Content::Blocks(blocks);
}

fn set_on_system(system: &mut System, checkpoint: &CacheControl) {
    if let System::Text(text) = system {
        *system = System::Blocks(vec![SystemBlock::Text(TextBlock::new(std::mem::take(text)))]);
    }
    if let System::Blocks(blocks) = system
        && let Some(SystemBlock::Text(block)) = blocks.last_mut()
    {
        block.cache_control = Some(checkpoint.clone());
    }
}
