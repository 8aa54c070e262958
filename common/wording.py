"""How a field refuses: in the person's words, in both languages, by the name people know it by.

The name is `metadata={"label": Words("目的地", "Destination")}`; `"ask"` (Words) replaces the sentence for a missing
answer. Stock validators (`Length`, `Range`, `OneOf`, `Regexp`, `Email`) are put into words here as well.
"""

from typing import Any

from marshmallow import ValidationError, fields, validate

from common.errors import Problem
from common.words import Words


class Wrong(ValidationError):
    """Raised by a validator: what is wrong, in both languages, at `field` or at the whole shape."""

    def __init__(self, words: Words, field: str = "_schema"):
        super().__init__([words], field)


def _lowered(text: str) -> str:
    """An English label inside a sentence: "Destination" → "destination", but "ID number" stays."""
    return text[:1].lower() + text[1:] if len(text) > 1 and text[1:2].islower() else text


def _with_article(text: str) -> str:
    """ "destination" → "a destination", "number of people" → "the number of people"; plurals stay bare."""
    if " of " in text:
        return f"the {text}"
    if text.endswith("s") and not text.endswith(("ss", "us", "is")):
        return text
    return ("an " if text[:1].lower() in "aeiou" else "a ") + text


class Worded(fields.Field):
    """Mixin: error messages are `Words` with the places {label}, {Label} and {a_label}."""

    ASK = Words("請填寫{label}", "Enter {a_label}")
    CHOOSE = Words("請選擇{label}", "Choose {a_label}")
    UNFIT = Words("{label}不對，請再看一次", "Check {the_label}")

    default_error_messages: dict[str, Any] = {
        "required": ASK,
        "null": ASK,
        "validator_failed": UNFIT,
        "invalid": UNFIT,
        "type": Words("{label}的格式不對", "{Label} has the wrong form"),
    }

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        label = self.metadata.get("label")
        if label is not None and "description" not in self.metadata:
            self.metadata = {
                **self.metadata,
                "description": str(label) if isinstance(label, str) else f"{label[1]} {label[0]}",
            }

    @property
    def label(self) -> Words | None:
        """The field's name for people; a field inside a list is called as its list is."""
        label = self.metadata.get("label")
        if label is None and isinstance(self.parent, Worded):
            return self.parent.label
        return Words(label, label) if isinstance(label, str) else label

    def say(self, words: Words, **values: Any) -> Words:
        """`words` with the field's name and `values` filled in."""
        zh, en = self.label or ("這一欄", "This field")
        name = _lowered(en)
        article = _with_article(name) if self.label else "a value"
        return words.fill(
            label=Words(zh, name),
            Label=Words(zh, en[:1].upper() + en[1:]),
            a_label=Words(zh, article),
            the_label=Words(zh, f"the {name}" if self.label else "this field"),
            **values,
        )

    def make_error(self, key: str, **values: Any) -> ValidationError:
        message: Any = self.error_messages[key]
        if key in ("required", "null"):
            message = (
                self.metadata.get("ask")
                or (self._asks_to_choose() and message is Worded.ASK and Worded.CHOOSE)
                or message
            )
        if isinstance(message, Words):
            values.pop("label", None)
            return ValidationError([self.say(message, **values)])
        return super().make_error(key, **values)

    def _asks_to_choose(self) -> bool:
        return any(isinstance(v, (validate.OneOf, validate.ContainsOnly)) for v in self.validators)

    def _validate(self, value: Any) -> None:
        wrong: list[Any] = []
        for validator in self.validators:
            try:
                validator(value)
            except Problem as problem:
                wrong.append(problem.words)
            except ValidationError as error:
                if isinstance(error.messages, dict):
                    raise
                words = self._in_words(validator, value)
                wrong.extend([words] if words else error.messages)
        if wrong:
            raise ValidationError(wrong)

    def _in_words(self, validator: Any, value: Any) -> Words | None:
        """What a stock validator says, in both languages; None where it brings its own sentence."""
        if getattr(validator, "error", None) not in (None, getattr(type(validator), "default_message", None)):
            return None
        if isinstance(validator, validate.Length):
            return self._length_words(validator, value)
        if isinstance(validator, validate.Range):
            low, high = _shown(validator.min), _shown(validator.max)
            if validator.min is not None and validator.max is not None:
                return self.say(
                    Words("{label}要在 {low} 到 {high} 之間", "{Label} must be between {low} and {high}"),
                    low=low,
                    high=high,
                )
            if validator.min is not None:
                return self.say(Words("{label}不能小於 {low}", "{Label} must be {low} or more"), low=low)
            return self.say(Words("{label}不能大於 {high}", "{Label} must be {high} or less"), high=high)
        if isinstance(validator, validate.OneOf):
            return self.say(Words("請從清單選擇{label}", "Choose {a_label} from the list"))
        if isinstance(validator, validate.Email):
            return self.say(
                Words("{label}不像電子郵件地址，例如 name@gov.taipei", "{Label} must look like name@gov.taipei")
            )
        if isinstance(validator, (validate.Regexp, validate.URL, validate.Equal, validate.NoneOf)):
            return self.say(self.UNFIT)
        return None

    def _length_words(self, validator: validate.Length, value: Any) -> Words:
        text, size = isinstance(value, str), len(value)
        if validator.equal is not None:
            words = Words("{label}要剛好 {n} 字", "{Label} must be exactly {n} characters")
            return self.say(
                words if text else Words("{label}要剛好 {n} 項", "Choose exactly {n}: {label}"), n=validator.equal
            )
        if validator.max is not None and size > validator.max:
            words = Words("{label}最多 {n} 字，現在 {size} 字", "{Label} must be {n} characters or fewer; it is {size}")
            return self.say(
                words if text else Words("{label}最多 {n} 項", "{Label}: {n} at most"), n=validator.max, size=size
            )
        words = Words("{label}至少 {n} 字", "{Label} must be {n} characters or more")
        return self.say(words if text else Words("{label}至少 {n} 項", "{Label}: {n} at least"), n=validator.min)


def _shown(value: Any) -> Any:
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else value
