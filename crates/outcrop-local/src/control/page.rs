//! A page of a list: how much is on it, and where it begins.
//!
//! Source: botocore service model bedrock 2023-04-20, `MaxResults` and `PaginationToken`.

use outcrop_wire::account::ControlCall;
use outcrop_wire::fault::Fault;

use super::invalid;
use crate::check::constraints::{Constraints, Told};
use crate::check::place::Place;

/// What an id that goes on a page is made of, before the number of what the page before ended with.
const TOKEN: &str = "outcrop-local-";

/// The longest token of the service model.
const LONGEST: usize = 2048;

/// Where the operation says nothing else.
const LARGEST: u32 = 1000;

/// A page that is asked for.
pub(super) struct Page {
    /// The most items that are on it.
    pub(super) size: usize,
    /// The number that its token holds; none of the first page.
    pub(super) after: Option<u64>,
}

impl Page {
    /// The page that a call asks for, by the size and the token of its query.
    ///
    /// # Errors
    /// When it is larger than may be, or its token is none of ours.
    pub(super) fn of(call: &ControlCall, size: Option<u32>, token: Option<&str>) -> Result<Self, Fault> {
        let largest = call.operation.row().paging.map_or(LARGEST, |paging| paging.largest);
        let size = size.unwrap_or(largest);
        let mut broken = Constraints::default();
        let place = Place::ROOT.member("maxResults");
        if size < 1 {
            broken.add(Told::As(&size), &place, "Member must have value greater than or equal to 1");
        }
        if size > largest {
            let rule = format_args!("Member must have value less than or equal to {largest}");
            broken.add(Told::As(&size), &place, rule);
        }
        if let Some(token) = token {
            let place = Place::ROOT.member("nextToken");
            broken.pattern(!token.contains(char::is_whitespace), Told::As(&token), r"\S*", &place);
            broken.length(token, Told::As(&token), 1, LONGEST, &place);
        }
        broken.verdict()?;
        let after = token.map(|token| {
            let number = token.strip_prefix(TOKEN).and_then(|number| number.parse().ok());
            number.ok_or_else(|| invalid("The provided nextToken is invalid."))
        });
        Ok(Page { size: usize::try_from(size).unwrap_or(usize::MAX), after: after.transpose()? })
    }

    /// The token of the page behind one that ends with this number.
    pub(super) fn token(last: u64) -> String {
        format!("{TOKEN}{last}")
    }
}

/// That the size of a page is no number.
pub(super) fn no_number(given: &str) -> Fault {
    invalid(format!("maxResults is no number: {given}"))
}
