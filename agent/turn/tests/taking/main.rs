//! Whose turn it is: stories in virtual time, and thousands of random ones.

mod company;
mod interruptions;
mod limits;
mod random;
mod replies;
mod timeline;
mod turns;
mod world;
