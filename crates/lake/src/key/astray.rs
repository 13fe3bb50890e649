//! `count_astray(value, …, known)`.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef};
use arrow_schema::{DataType, Field, FieldRef};
use datafusion::common::ScalarValue;
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::{Accumulator, AggregateUDFImpl, Signature, Volatility};
use kernel::Text;

use super::asked::Asked;
use crate::LakeError;

/// How many rows where `known` is false have values that stand in no row where it is true; rows where a value is null do not
/// count. Null, where there are more different values than it may hold: it is then to be asked in parts.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct CountAstray {
    signature: Signature,
}

impl CountAstray {
    pub fn new() -> CountAstray {
        CountAstray { signature: Signature::variadic_any(Volatility::Immutable) }
    }
}

impl AggregateUDFImpl for CountAstray {
    fn name(&self) -> &str {
        "count_astray"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        match types {
            [_, .., DataType::Boolean] => Ok(DataType::Int64),
            _ => Err(LakeError::Function {
                name: "count_astray".to_owned(),
                text: Text::new(
                    "写法：count_astray(值[, 值…], 是否被引用的一方)，最后一个参数是真假值",
                    "it is written count_astray(value[, value…], known), where the last is true or false",
                ),
            }
            .into()),
        }
    }

    fn accumulator(&self, _: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        Ok(Box::new(Comparing(Asked::new())))
    }

    fn state_fields(&self, args: StateFieldsArgs) -> Result<Vec<FieldRef>> {
        Ok(vec![Arc::new(Field::new(format!("{}[keys]", args.name), DataType::LargeBinary, true))])
    }
}

#[derive(Debug)]
struct Comparing(Asked);

impl Accumulator for Comparing {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let Some((known, values)) = values.split_last() else { return Ok(()) };
        let known = known.as_boolean_opt().ok_or_else(|| DataFusionError::Internal("known is not a boolean".to_owned()))?;
        super::hashes(values, |row, hash| {
            if let Some(hash) = hash.filter(|_| known.is_valid(row)) {
                self.0.add(hash, known.value(row));
            }
        })
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        for state in states {
            for bytes in state.as_binary::<i64>() {
                self.0.merge(bytes);
            }
        }
        Ok(())
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        Ok(vec![ScalarValue::LargeBinary(self.0.take())])
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        Ok(ScalarValue::Int64(self.0.astray().and_then(|rows| i64::try_from(rows).ok())))
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.0.size()
    }
}
