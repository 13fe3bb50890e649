//! `count_repeated(value, …)`.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::UInt64Type;
use arrow_array::ArrayRef;
use arrow_schema::{DataType, Field, FieldRef};
use datafusion::common::ScalarValue;
use datafusion::error::Result;
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::{Accumulator, AggregateUDFImpl, Signature, Volatility};

use super::seen::Seen;

/// How many rows share their values with another row. Those where a value is null do not count.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct CountRepeated {
    signature: Signature,
}

impl CountRepeated {
    pub fn new() -> CountRepeated {
        CountRepeated { signature: Signature::variadic_any(Volatility::Immutable) }
    }
}

impl AggregateUDFImpl for CountRepeated {
    fn name(&self) -> &str {
        "count_repeated"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Int64)
    }

    fn is_nullable(&self) -> bool {
        false
    }

    fn default_value(&self, _: &DataType) -> Result<ScalarValue> {
        Ok(ScalarValue::Int64(Some(0)))
    }

    fn accumulator(&self, _: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        Ok(Box::new(Counting(Seen::new())))
    }

    fn state_fields(&self, args: StateFieldsArgs) -> Result<Vec<FieldRef>> {
        let field = |part: &str, kind| Arc::new(Field::new(format!("{}[{part}]", args.name), kind, false));
        Ok(vec![field("rows", DataType::UInt64), field("hashes", DataType::LargeBinary)])
    }
}

#[derive(Debug)]
struct Counting(Seen);

impl Accumulator for Counting {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        super::hashes(values, |_, hash| {
            if let Some(hash) = hash {
                self.0.add(hash);
            }
        })
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        if let [rows, hashes] = states {
            let rows = rows.as_primitive::<UInt64Type>();
            for (row, bytes) in hashes.as_binary::<i64>().iter().enumerate() {
                self.0.merge(rows.value(row), bytes.unwrap_or_default());
            }
        }
        Ok(())
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        let (rows, hashes) = self.0.take();
        Ok(vec![ScalarValue::UInt64(Some(rows)), ScalarValue::LargeBinary(Some(hashes))])
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        Ok(ScalarValue::Int64(i64::try_from(self.0.repeated()).ok()))
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.0.size()
    }
}
