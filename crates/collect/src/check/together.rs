//! Checks over two items of one row, once each alone has been checked: coordinates and codes on a day.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Float64Type, TimestampMicrosecondType};
use arrow_array::{Array, ArrayRef, Float64Array};
use arrow_schema::DataType;
use data::standard::{Fault, OnDay, Place, Together};

/// Applies the checks to the typed columns of a batch. Converted coordinates take the place of those delivered.
pub fn check(checks: &[Together], columns: &mut [ArrayRef], faults: &mut Vec<(usize, Fault)>) {
    for check in checks {
        match check {
            Together::Division { code, day, on } => {
                if let (Some(codes), Some(days)) = (columns.get(*code), columns.get(*day)) {
                    on_day(on, codes, days, faults);
                }
            }
            Together::Place { lon, lat, at } => {
                let pair = columns.get(*lon).zip(columns.get(*lat));
                if let Some((lons, lats)) = pair.and_then(|(lons, lats)| places(at, lons, lats, faults)) {
                    [(*lon, lons), (*lat, lats)].into_iter().for_each(|(at, column)| {
                        if let Some(place) = columns.get_mut(at) {
                            *place = column;
                        }
                    });
                }
            }
        }
    }
}

/// A row without a day is not judged: whether it may lack one, its item says.
fn on_day(on: &OnDay, codes: &ArrayRef, days: &ArrayRef, faults: &mut Vec<(usize, Fault)>) {
    let Some(codes) = codes.as_string_opt::<i32>() else { return };
    for row in (0..codes.len()).filter(|row| codes.is_valid(*row) && *row < days.len() && days.is_valid(*row)) {
        let code = codes.value(row);
        let verdict = match days.data_type() {
            DataType::Date32 => on.check(code, days.as_primitive::<Date32Type>().value(row)),
            DataType::Timestamp(..) => on.check_moment(code, days.as_primitive::<TimestampMicrosecondType>().value(row)),
            _ => Ok(()),
        };
        faults.extend(verdict.err().map(|fault| (row, fault)));
    }
}

/// The converted columns; `None` when nothing changes. Half a place is none.
fn places(
    at: &Place,
    lons: &ArrayRef,
    lats: &ArrayRef,
    faults: &mut Vec<(usize, Fault)>,
) -> Option<(ArrayRef, ArrayRef)> {
    let lons = lons.as_primitive_opt::<Float64Type>()?;
    let lats = lats.as_primitive_opt::<Float64Type>()?;
    let read = |row: usize| {
        let whole = lons.is_valid(row) && row < lats.len() && lats.is_valid(row);
        whole.then(|| at.read((lons.value(row), lats.value(row))))
    };
    let mut converted: (Vec<Option<f64>>, Vec<Option<f64>>) = Default::default();
    for row in 0..lons.len() {
        let point = match read(row) {
            Some(Ok(point)) => Some(point),
            Some(Err(fault)) => {
                faults.push((row, fault));
                None
            }
            None => None,
        };
        if at.converts() {
            converted.0.push(point.map(|point| point.0));
            converted.1.push(point.map(|point| point.1));
        }
    }
    at.converts().then(|| (Arc::new(Float64Array::from(converted.0)) as _, Arc::new(Float64Array::from(converted.1)) as _))
}
