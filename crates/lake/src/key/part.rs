//! `key_part(n, value, …)`.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use arrow_array::{ArrayRef, Float64Array, Int64Array};
use arrow_cast::cast;
use arrow_schema::DataType;
use datafusion::common::ScalarValue;
use datafusion::error::Result;
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility};
use kernel::Text;

use crate::LakeError;

/// Which of `n` parts the values fall in, from 0; null where one of them is.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct KeyPart {
    signature: Signature,
}

impl KeyPart {
    pub fn new() -> KeyPart {
        KeyPart { signature: Signature::variadic_any(Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for KeyPart {
    fn name(&self) -> &str {
        "key_part"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Int64)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let mistake = || LakeError::Function {
            name: "key_part".to_owned(),
            text: Text::new("写法：key_part(份数, 值[, 值…])，份数为正整数", "it is written key_part(parts, value[, value…]), with a whole number of parts above 0"),
        };
        let Some((ColumnarValue::Scalar(parts), values)) = args.args.split_first() else { return Err(mistake().into()) };
        let parts = match parts.cast_to(&DataType::Int64)? {
            ScalarValue::Int64(Some(parts)) if parts > 0 && !values.is_empty() => parts,
            _ => return Err(mistake().into()),
        };
        let columns = values.iter().map(|value| alike(&value.to_array(args.number_rows)?)).collect::<Result<Vec<_>>>()?;
        let mut found = Vec::with_capacity(args.number_rows);
        // The low bits: the high ones deal out what `count_repeated` then sees of one part.
        super::hashes(&columns, |_, hash| found.push(hash.map(|hash| (hash as u64 % parts.unsigned_abs()) as i64)))?;
        Ok(ColumnarValue::Array(Arc::new(Int64Array::from(found))))
    }
}

/// Values that are equal fall in the same part whatever types hold them: a whole number and a decimal, say.
fn alike(column: &ArrayRef) -> Result<ArrayRef> {
    if column.data_type().is_numeric() {
        let numbers = cast(column, &DataType::Float64)?;
        // Adding nothing makes minus zero zero.
        let numbers: Float64Array = numbers.as_primitive::<Float64Type>().unary(|number| number + 0.0);
        return Ok(Arc::new(numbers));
    }
    if column.data_type().is_string() {
        return Ok(cast(column, &DataType::Utf8View)?);
    }
    Ok(column.clone())
}
