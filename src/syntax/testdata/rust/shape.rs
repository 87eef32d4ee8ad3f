//! Shapes.
use std::fmt;

/// Anything with an area.
pub trait Shape {
    const SIDES: u32;
    type Unit;
    fn area(&self) -> f64;
    fn name(&self) -> String { "shape".to_string() }
}

#[derive(Debug, Clone)]
pub struct Square<T> {
    /// Of one side.
    pub length: T,
}

pub enum Color { Red, Green(u8) }

impl Shape for Square<f64> {
    const SIDES: u32 = 4;
    type Unit = f64;
    fn area(&self) -> f64 { self.length * self.length }
}

impl<T: fmt::Display> fmt::Display for Square<T> {
    // Long enough to be of interest by itself, with some
    // words about what is written where.
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "square of {}", self.length)
    }
}

macro_rules! square { ($l:expr) => { Square { length: $l } } }

mod tests {
    #[test]
    fn area_is_squared() { assert_eq!(square!(2.0).area(), 4.0); }
}

static COUNT: u32 = 0;
