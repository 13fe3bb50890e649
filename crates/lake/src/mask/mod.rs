//! Masks as functions of SQL: `mask_keep(id, 6, 4, 8)`. What stands behind the value are constants, so that the plan alone
//! tells which mask runs, and lineage with it. Keys never stand in a statement: they come from the lake's secret.

mod values;
mod view;

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow_schema::{DataType, Field, FieldRef};
use data::mask::{Argument, Mask, MaskKeys, Masker};
use datafusion::common::ScalarValue;
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::{
    ColumnarValue, Expr, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use kernel::Text;

use crate::LakeError;
pub use view::{Masks, Shown};

/// Masks of statements that name no purpose.
const PURPOSE: &str = "query";
const ZONE: &str = "Asia/Shanghai";

/// What the keys of masks are made from. It is told to nobody.
#[derive(Clone)]
pub struct Secret(Arc<[u8]>);

impl Secret {
    /// `None` when it is too short to be one.
    pub fn new(bytes: &[u8]) -> Option<Secret> {
        (bytes.len() >= data::mask::SHORTEST_SECRET).then(|| Secret(bytes.into()))
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// All of them. Without a secret they can be planned, and those without keys run.
pub(crate) fn functions(secret: Option<&Secret>) -> impl Iterator<Item = ScalarUDF> {
    Mask::names().map(move |name| function(name, secret))
}

fn function(mask: &'static str, secret: Option<&Secret>) -> ScalarUDF {
    ScalarUDF::from(MaskFunction {
        mask,
        name: format!("mask_{mask}"),
        secret: secret.cloned(),
        signature: Signature::user_defined(Volatility::Immutable),
    })
}

/// A mask over an expression.
pub(crate) fn masked(mask: Mask, of: Expr, secret: Option<&Secret>) -> Expr {
    function(mask.name(), secret).call(std::iter::once(of).chain(constants(mask)).collect())
}

/// The arguments that make a call this mask.
fn constants(mask: Mask) -> Vec<Expr> {
    let number = |number: i64| Expr::Literal(ScalarValue::Int64(Some(number)), None);
    let word = |word: &str| Expr::Literal(ScalarValue::from(word), None);
    match mask {
        Mask::Hide {} | Mask::Email {} | Mask::Hash {} => Vec::new(),
        Mask::Keep { first, last, hidden } => [first, last, hidden].map(|count| number(count.into())).to_vec(),
        Mask::Encrypt { form } => vec![word(form.word())],
        Mask::Date { step } => vec![word(step.word())],
        Mask::Place { level } => vec![word(level.word())],
        Mask::Grid { km } => vec![number(km.into())],
        Mask::Band { width } => vec![Expr::Literal(ScalarValue::Float64(Some(width)), None)],
    }
}

/// The mask that a call of a function is, and what it masks; `None` for any other function.
pub(crate) fn told<'e>(name: &str, arguments: &'e [Expr]) -> Option<(Mask, &'e Expr)> {
    let name = Mask::names().find(|known| name.strip_prefix("mask_") == Some(*known))?;
    let (value, rest) = arguments.split_first()?;
    let constants: Vec<_> = rest.iter().map(constant).collect();
    let (mask, _) = read(name, &constants).ok()?;
    Some((mask, value))
}

fn constant(expression: &Expr) -> Option<&ScalarValue> {
    match expression {
        Expr::Literal(value, _) => Some(value),
        _ => None,
    }
}

#[derive(Debug)]
struct MaskFunction {
    /// `keep`
    mask: &'static str,
    /// `mask_keep`
    name: String,
    secret: Option<Secret>,
    signature: Signature,
}

/// A session has each once, and of one reader's statement those with keys and those without are not the same.
impl PartialEq for MaskFunction {
    fn eq(&self, other: &MaskFunction) -> bool {
        self.name == other.name && self.secret.is_some() == other.secret.is_some()
    }
}

impl Eq for MaskFunction {}

impl Hash for MaskFunction {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl MaskFunction {
    fn mistake(&self, text: Text) -> DataFusionError {
        LakeError::Function { name: self.name.clone(), text }.into()
    }

    fn read(&self, constants: &[Option<&ScalarValue>]) -> Result<(Mask, String)> {
        read(self.mask, constants).map_err(|text| self.mistake(text))
    }

    fn masker(&self, mask: Mask, purpose: &str) -> Result<Masker> {
        let keys = self.secret.as_ref().and_then(|secret| MaskKeys::derive(&secret.0, purpose));
        Masker::new(mask, keys, ZONE)
            .ok_or_else(|| self.mistake(Text::new(format!("`{}` 需要密钥，这里没有", self.name), format!("`{}` needs keys, and there are none here", self.name))))
    }
}

/// The mask and the purpose of its keys, from the constants behind the value.
fn read(name: &str, constants: &[Option<&ScalarValue>]) -> std::result::Result<(Mask, String), Text> {
    let mut arguments = Vec::new();
    for (at, constant) in constants.iter().enumerate() {
        let argument = constant.and_then(argument).ok_or_else(|| {
            Text::new(
                format!("`mask_{name}` 的第 {} 个参数应为常量（数或文字）", at + 2),
                format!("argument {} of `mask_{name}` must be a constant, a number or a text", at + 2),
            )
        })?;
        arguments.push(argument);
    }
    let wants = usize::from(name == "encrypt");
    let purpose = match (name, arguments.last()) {
        ("hash" | "encrypt", Some(Argument::Text(purpose))) if arguments.len() == wants + 1 => purpose.clone(),
        _ => PURPOSE.to_owned(),
    };
    if matches!(name, "hash" | "encrypt") && arguments.len() == wants + 1 && matches!(arguments.last(), Some(Argument::Text(_))) {
        arguments.pop();
    }
    let mask = Mask::from_call(name, &arguments).map_err(|text| in_sql(name, text))?;
    Ok((mask, purpose))
}

/// The same words with the function's whole name and the value before the rest.
fn in_sql(name: &str, text: Text) -> Text {
    let usage = match (name, Mask::usage(name)) {
        ("hash", _) => "value[, purpose]".to_owned(),
        ("encrypt", usage) => format!("value, {usage}[, purpose]"),
        (_, "") => "value".to_owned(),
        (_, usage) => format!("value, {usage}"),
    };
    let name_in_sql = format!("`mask_{name}`");
    Text::new(
        format!("{}；写法：mask_{name}({usage})", text.zh.replace(&format!("`{name}`"), &name_in_sql)),
        format!("{}; it is written mask_{name}({usage})", text.en.replace(&format!("`{name}`"), &name_in_sql)),
    )
}

fn argument(value: &ScalarValue) -> Option<Argument> {
    if let Some(Some(text)) = value.try_as_str() {
        return Some(Argument::Text(text.to_owned()));
    }
    if !value.data_type().is_numeric() {
        return None;
    }
    match value.cast_to(&DataType::Float64) {
        Ok(ScalarValue::Float64(Some(number))) => Some(Argument::Number(number)),
        _ => None,
    }
}

impl ScalarUDFImpl for MaskFunction {
    fn name(&self) -> &str {
        &self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    /// Any number of any types is let pass here: what was expected is told by [`Self::return_field_from_args`].
    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        Ok(types.to_vec())
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8)
    }

    fn return_field_from_args(&self, given: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        let (Some(value), Some((_, constants))) = (given.arg_fields.first(), given.scalar_arguments.split_first()) else {
            return Err(self.mistake(in_sql(
                self.mask,
                Text::new(format!("`{}` 缺少要脱敏的值", self.mask), format!("`{}` lacks the value to mask", self.mask)),
            )));
        };
        let (mask, _) = self.read(constants)?;
        values::check(mask, value.data_type()).map_err(|text| self.mistake(text))?;
        Ok(Arc::new(Field::new(self.name(), values::kind(mask, value.data_type()), true)))
    }

    fn invoke_with_args(&self, given: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let Some((value, rest)) = given.args.split_first() else {
            return Err(self.mistake(Text::new("缺少要脱敏的值", "the value to mask is missing")));
        };
        let constants: Vec<_> = rest
            .iter()
            .map(|argument| match argument {
                ColumnarValue::Scalar(value) => Some(value),
                ColumnarValue::Array(_) => None,
            })
            .collect();
        let (mask, purpose) = self.read(&constants)?;
        let masker = self.masker(mask, &purpose)?;
        match value {
            ColumnarValue::Array(array) => Ok(ColumnarValue::Array(values::mask(&masker, mask, array)?)),
            ColumnarValue::Scalar(value) => {
                let masked = values::mask(&masker, mask, &value.to_array()?)?;
                Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&masked, 0)?))
            }
        }
    }
}
