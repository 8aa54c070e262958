"""The demonstration pool: invented plates and asset numbers on believable cars, posts, places and errands. Pure data."""

from typing import NamedTuple


class CarEntry(NamedTuple):
    """One invented car: owner agency's code, plate, kind, seats, powertrain, brand, year, colour, battery kWh."""

    owner: str
    plate: str
    kind: str
    seats: int
    powertrain: str
    brand: str
    year: int
    colour: str
    battery_kwh: int | None = None


CARS = (
    CarEntry("SEC", "RCX-3081", "sedan", 5, "hybrid", "Toyota Corolla Altis", 2021, "白"),
    CarEntry("SEC", "RCX-3495", "sedan", 5, "petrol", "Toyota Corolla Altis", 2018, "銀"),
    CarEntry("CA", "RCY-3683", "sedan", 5, "hybrid", "Toyota Camry", 2020, "黑"),
    CarEntry("FIN", "RCZ-5781", "sedan", 5, "petrol", "Nissan Sentra", 2019, "銀"),
    CarEntry("EDU", "RCX-5380", "sedan", 5, "hybrid", "Toyota Corolla Altis", 2022, "白"),
    CarEntry("ECO", "RCY-8780", "sedan", 5, "petrol", "Ford Focus", 2017, "灰"),
    CarEntry("PW", "RCZ-1320", "sedan", 5, "petrol", "Mitsubishi Grand Lancer", 2019, "白"),
    CarEntry("TRA", "RCX-7503", "sedan", 5, "hybrid", "Lexus ES", 2021, "黑"),
    CarEntry("SOC", "RCY-2264", "sedan", 5, "petrol", "Nissan Sentra", 2018, "白"),
    CarEntry("LAB", "RCZ-6417", "sedan", 5, "petrol", "Toyota Corolla Altis", 2020, "銀"),
    CarEntry("POL", "RCX-9052", "sedan", 5, "hybrid", "Toyota Camry", 2022, "灰"),
    CarEntry("FIR", "RCY-4176", "sedan", 5, "petrol", "Honda City", 2019, "紅"),
    CarEntry("LND", "RCZ-3928", "sedan", 5, "hybrid", "Toyota Corolla Cross", 2023, "白"),
    CarEntry("MIL", "RCX-6631", "sedan", 5, "petrol", "Nissan Sentra", 2017, "藍"),
    CarEntry("SEC", "RCX-5342", "seven_seater", 7, "diesel", "Mercedes-Benz Vito", 2020, "黑"),
    CarEntry("CUL", "RCY-1570", "seven_seater", 7, "petrol", "Toyota Sienta", 2021, "白"),
    CarEntry("HEA", "RCZ-4992", "seven_seater", 7, "petrol", "Toyota Sienta", 2020, "銀"),
    CarEntry("ENV", "RCX-7635", "seven_seater", 7, "diesel", "Hyundai Custin", 2022, "灰"),
    CarEntry("URB", "RCY-3590", "seven_seater", 7, "petrol", "Toyota Sienta", 2019, "白"),
    CarEntry("RTS", "RCZ-8177", "seven_seater", 7, "hybrid", "Toyota Sienna", 2022, "黑"),
    CarEntry("TPT", "RCX-2810", "seven_seater", 7, "petrol", "Volkswagen Touran", 2018, "藍"),
    CarEntry("SPO", "RCY-6049", "seven_seater", 7, "petrol", "Toyota Sienta", 2021, "白"),
    CarEntry("SOC", "RCZ-7723", "seven_seater", 7, "diesel", "Hyundai Custin", 2021, "銀"),
    CarEntry("SEC", "RCX-1497", "van9", 9, "diesel", "Volkswagen Caravelle", 2019, "白"),
    CarEntry("EDU", "RCY-1769", "van9", 9, "diesel", "Hyundai Staria", 2022, "白"),
    CarEntry("HEA", "RCZ-2513", "van9", 9, "diesel", "Volkswagen Caravelle", 2020, "銀"),
    CarEntry("FIR", "RCX-5172", "van9", 9, "diesel", "Ford Tourneo", 2021, "紅"),
    CarEntry("SPO", "RCY-1242", "van9", 9, "diesel", "Hyundai Staria", 2023, "白"),
    CarEntry("PW", "RCZ-9306", "van9", 9, "diesel", "Ford Tourneo", 2018, "白"),
    CarEntry("SEC", "EAA-1001", "sedan", 5, "electric", "Tesla Model 3", 2023, "白", 60),
    CarEntry("ENV", "EAA-1038", "sedan", 5, "electric", "Hyundai Ioniq 5", 2023, "銀", 58),
    CarEntry("TRA", "EAA-1075", "sedan", 5, "electric", "Toyota bZ4X", 2024, "白", 71),
    CarEntry("IT", "EAA-1112", "sedan", 5, "electric", "Nissan Leaf", 2022, "藍", 40),
    CarEntry("CA", "EAA-1149", "sedan", 5, "electric", "Hyundai Ioniq 5", 2024, "灰", 58),
    CarEntry("CUL", "EAA-1186", "sedan", 5, "electric", "Kia EV6", 2023, "黑", 77),
    CarEntry("SOC", "EAA-1223", "seven_seater", 7, "electric", "Luxgen n7", 2024, "白", 81),
    CarEntry("ECO", "EAA-1260", "seven_seater", 7, "electric", "Luxgen n7", 2024, "銀", 81),
    CarEntry("LAB", "EAA-1297", "sedan", 5, "electric", "Toyota bZ4X", 2025, "白", 71),
    CarEntry("URB", "EAA-1334", "van9", 9, "electric", "Volkswagen ID. Buzz", 2025, "黃", 82),
)

CHARGERS = tuple([7] * 12 + [11] * 4 + [60] * 2)
"""Power in kW of C01 to C18 (V-70)."""


class PlaceEntry(NamedTuple):
    """A place people go to: name, English name, km one way from City Hall, and where it lies in degrees (WGS 84)."""

    name: str
    name_en: str
    km: int
    latitude: float
    longitude: float


PLACES = (
    PlaceEntry("市政大樓 東側車道", "City Hall, east driveway", 0, 25.0375, 121.5645),
    PlaceEntry("市議會", "City Council", 2, 25.0349, 121.5617),
    PlaceEntry("臺北車站", "Taipei Main Station", 6, 25.0478, 121.517),
    PlaceEntry("松山機場", "Songshan Airport", 6, 25.0637, 121.5519),
    PlaceEntry("臺北地方法院", "Taipei District Court", 6, 25.0366, 121.5117),
    PlaceEntry("行政院", "Executive Yuan", 5, 25.0465, 121.5214),
    PlaceEntry("南港展覽館", "Nangang Exhibition Center", 7, 25.0567, 121.6177),
    PlaceEntry("美術館", "Fine Arts Museum", 8, 25.0725, 121.5248),
    PlaceEntry("花博公園", "Expo Park", 8, 25.0698, 121.5215),
    PlaceEntry("士林區公所", "Shilin District Office", 12, 25.0925, 121.5199),
    PlaceEntry("內湖污水處理廠", "Neihu Sewage Plant", 11, 25.0675, 121.6035),
    PlaceEntry("文山區公所", "Wenshan District Office", 9, 24.9897, 121.5703),
    PlaceEntry("北投焚化廠", "Beitou Incinerator", 18, 25.108, 121.499),
    PlaceEntry("陽明山管理處", "Yangmingshan Park Office", 19, 25.1556, 121.5474),
    PlaceEntry("翡翠水庫", "Feitsui Reservoir", 27, 24.9087, 121.5797),
    PlaceEntry("桃園國際機場", "Taoyuan Airport", 45, 25.0777, 121.2328),
    PlaceEntry("新竹高鐵站", "Hsinchu HSR Station", 78, 24.8081, 121.0403),
)


class ErrandEntry(NamedTuple):
    """A believable errand: purpose code, words, place's name, people, hours."""

    purpose_code: str
    purpose: str
    place: str
    passengers: int
    hours: float


ERRANDS = (
    ErrandEntry("guests", "姊妹市交流外賓接待", "桃園國際機場", 6, 3.5),
    ErrandEntry("meeting", "議會專案報告備詢", "市議會", 3, 3),
    ErrandEntry("site_visit", "工地會勘", "內湖污水處理廠", 3, 2.5),
    ErrandEntry("supervision", "展場施工督導", "花博公園", 4, 3),
    ErrandEntry("meeting", "中央補助案協商", "行政院", 2, 2.5),
    ErrandEntry("event", "文化資產週開幕", "美術館", 7, 4),
    ErrandEntry("site_visit", "社福據點訪視", "文山區公所", 3, 3),
    ErrandEntry("supervision", "焚化廠年度考核", "北投焚化廠", 5, 4),
    ErrandEntry("meeting", "法院出庭", "臺北地方法院", 2, 3),
    ErrandEntry("event", "里民座談", "士林區公所", 8, 3),
    ErrandEntry("guests", "接送評審委員", "臺北車站", 4, 2),
    ErrandEntry("site_visit", "水庫集水區會勘", "翡翠水庫", 4, 5),
    ErrandEntry("meeting", "博覽會籌備會議", "南港展覽館", 3, 3),
    ErrandEntry("site_visit", "步道設施會勘", "陽明山管理處", 4, 4),
    ErrandEntry("guests", "外賓接機", "松山機場", 3, 2),
    ErrandEntry("meeting", "智慧城市考察", "新竹高鐵站", 3, 6),
)
