//! One row in the making: who and where it is about, when, and the chance it draws from.

use crate::calendar::{DateForm, TODAY};
use crate::places::{districts, District};
use crate::rng::{mix, Rng};
use crate::world::{Company, Home, Person, World};

/// What the columns of one row share, so that its cells agree with each other.
#[derive(Debug)]
pub struct Row<'w> {
    pub world: &'w World,
    pub rng: Rng,
    seed: u64,
    /// Number of the row in its table, from 0.
    pub index: u64,
    pub person: Option<&'w Person>,
    pub company: Option<&'w Company>,
    /// Position in [`districts`].
    pub place: u8,
    /// The day it is about, and the second of that day.
    pub day: i32,
    pub second: u32,
    /// In a grid of things and times: which thing.
    pub entity: u64,
    pub form: DateForm,
    /// A correction of an earlier row: its `updated_at` is later by these days.
    pub later: i32,
    /// Rows come in the order of `updated_at`, as an API that is walked by it needs.
    pub ordered: bool,
    /// Set by columns that write a value that is true but spelt otherwise: what was done, and the true value.
    pub variant: Option<(&'static str, String)>,
}

impl<'w> Row<'w> {
    pub fn new(world: &'w World, table_seed: u64, index: u64, form: DateForm, span: i32) -> Row<'w> {
        let seed = mix(table_seed, index);
        let mut rng = Rng::new(seed);
        let place = rng.weighted(districts().iter().map(|district| district.weight)) as u8;
        let day = TODAY - 1 - rng.below(span.max(1) as u64) as i32;
        let second = rng.below(86_400) as u32;
        Row { world, rng, seed, index, person: None, company: None, place, day, second, entity: index, form, later: 0, ordered: false, variant: None }
    }

    /// Chance that several columns of the row share under one name.
    pub fn shared(&self, salt: u64) -> Rng {
        Rng::new(mix(self.seed, salt))
    }

    /// Chance that all rows about one thing (station, box, park…) share.
    pub fn of_entity(&self, salt: u64) -> Rng {
        Rng::new(mix(self.world.seed ^ salt, self.entity))
    }

    pub fn district(&self) -> &'static District {
        &districts()[self.place as usize]
    }

    /// Home of the person, seat of the company, or a place of the row's own.
    pub fn home(&self) -> Home {
        match (self.person, self.company) {
            (Some(person), _) => self.world.home(person),
            (None, Some(company)) => company.site(self.world.seed),
            (None, None) => Home::of(self.world.seed ^ 0x77, (self.entity & 0xFFFF_FFFF) as u32, self.place),
        }
    }

    /// The person it is about; a passer-by where the table is about none.
    pub fn someone(&self) -> &'w Person {
        self.person.unwrap_or_else(|| {
            let count = self.world.persons.len() as u64;
            &self.world.persons[self.shared(0x50).below(count) as usize]
        })
    }

    /// The company it is about, or that the person works for, or any.
    pub fn firm(&self) -> &'w Company {
        match (self.company, self.person) {
            (Some(company), _) => company,
            (None, Some(person)) => self.world.employer(person),
            (None, None) => {
                let count = self.world.companies.len() as u64;
                &self.world.companies[self.shared(0xF1).below(count) as usize]
            }
        }
    }
}
