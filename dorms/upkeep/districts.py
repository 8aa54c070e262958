"""The district an address names, so that a day's visits lie near each other."""

from common.words import Words

DISTRICTS = {
    "zhongzheng": Words("中正區", "Zhongzheng"),
    "datong": Words("大同區", "Datong"),
    "zhongshan": Words("中山區", "Zhongshan"),
    "songshan": Words("松山區", "Songshan"),
    "daan": Words("大安區", "Da’an"),
    "wanhua": Words("萬華區", "Wanhua"),
    "xinyi": Words("信義區", "Xinyi"),
    "shilin": Words("士林區", "Shilin"),
    "beitou": Words("北投區", "Beitou"),
    "neihu": Words("內湖區", "Neihu"),
    "nangang": Words("南港區", "Nangang"),
    "wenshan": Words("文山區", "Wenshan"),
    "elsewhere": Words("其他地區", "Elsewhere"),
}


def district_of(address: str) -> str:
    """The code of the first district the address names; `elsewhere` when it names none of Taipei's."""
    named = {address.find(words.zh): code for code, words in DISTRICTS.items() if words.zh in address}
    return named[min(named)] if named else "elsewhere"
