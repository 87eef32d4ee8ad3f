//! Computes which ship lies at which berth.

mod berth;
mod plan;
mod tide;

pub use berth::Berth;
pub use plan::{make_plan, Plan, Unplaced};
pub use tide::TideTable;
