"""Stillwater: where it is and what it offers. Descriptions say what is done, and claim nothing."""

from booking.demo.entries import AddOnEntry, Length, PlaceEntry, RoomEntry, ServiceEntry

NAME = "Stillwater"
MAIL_ADDRESS = "hello@stillwater.example"
REPLY_TO = "desk@stillwater.example"
CURRENCY = "EUR"

PLACES = (
    PlaceEntry(
        slug="harbour",
        name="Stillwater Harbour",
        time_zone="America/New_York",
        address="14 Lantern Slip\nNew York, NY 10004\nUSA",
        phone="+1 212 555 0148",
        latitude=40.7033,
        longitude=-74.0170,
        rooms=(
            RoomEntry("dune", "Dune"),
            RoomEntry("tide", "Tide", ("heated-table",)),
            RoomEntry("lagoon", "Lagoon", ("couples", "heated-table")),
        ),
        client_phones="+1 212 555 01{:02}",
    ),
    PlaceEntry(
        slug="riverside",
        name="Stillwater Riverside",
        time_zone="Europe/Berlin",
        address="Am Stillen Ufer 7\n10179 Berlin\nGermany",
        phone="+49 30 23125 014",
        latitude=52.5122,
        longitude=13.4170,
        rooms=(
            RoomEntry("alder", "Alder"),
            RoomEntry("reed", "Reed"),
            RoomEntry("willow", "Willow", ("heated-table",)),
        ),
        client_phones="+49 30 23125 {:03}",
    ),
)

ADD_ONS = (
    AddOnEntry("aroma-oil", "Scented oil", 0, "8.00"),
    AddOnEntry("hot-towels", "Hot towels", 0, "6.00"),
    AddOnEntry("scalp-massage", "Scalp massage", 15, "18.00"),
)

SERVICES = (
    ServiceEntry(
        slug="couples",
        name="Couples massage",
        kind="couples",
        category="For two",
        description="Two people side by side in one room, each with a therapist of their own.",
        lengths=(Length(60, "180.00"), Length(90, "250.00")),
        wanted=2,
        after=15,
        step=30,
        therapists=2,
        features=("couples",),
        add_ons=("aroma-oil", "hot-towels"),
    ),
    ServiceEntry(
        slug="deep-tissue",
        name="Deep tissue massage",
        kind="deep-tissue",
        category="Firm",
        description="Slow, firm strokes and pressure along the muscles. Tell us at any time if it is too much.",
        lengths=(Length(60, "99.00"), Length(90, "139.00")),
        wanted=5,
        add_ons=("hot-towels", "scalp-massage"),
    ),
    ServiceEntry(
        slug="foot",
        name="Foot massage",
        kind="foot",
        category="Short",
        description="Feet and lower legs, with warm towels to finish.",
        lengths=(Length(30, "45.00"), Length(45, "62.00")),
        wanted=4,
        after=5,
    ),
    ServiceEntry(
        slug="hot-stone",
        name="Hot stone massage",
        kind="hot-stone",
        category="Warm",
        description="Strokes with smooth, warm stones. The therapist heats them before you come.",
        lengths=(Length(75, "125.00"),),
        wanted=2,
        before=10,
        after=15,
        step=30,
        features=("heated-table",),
        add_ons=("aroma-oil",),
    ),
    ServiceEntry(
        slug="prenatal",
        name="Prenatal massage",
        kind="prenatal",
        category="Gentle",
        description="Gentle strokes lying on your side, with cushions, from the fourth month on.",
        lengths=(Length(60, "95.00"),),
        wanted=1,
    ),
    ServiceEntry(
        slug="relaxation",
        name="Relaxation massage",
        kind="relaxation",
        category="Gentle",
        description="Light, even strokes with oil from head to foot, in a quiet room.",
        lengths=(Length(45, "72.00"), Length(60, "92.00"), Length(90, "132.00")),
        wanted=6,
        add_ons=("aroma-oil", "hot-towels", "scalp-massage"),
    ),
    ServiceEntry(
        slug="sports",
        name="Sports massage",
        kind="sports",
        category="Firm",
        description="Brisk kneading and stretching of the muscles that you use most.",
        lengths=(Length(30, "55.00"), Length(45, "76.00"), Length(60, "97.00")),
        wanted=5,
    ),
    ServiceEntry(
        slug="swedish",
        name="Swedish massage",
        kind="swedish",
        category="Classic",
        description="Long strokes, kneading and tapping with oil, as firm as you like.",
        lengths=(Length(30, "52.00"), Length(60, "95.00"), Length(90, "135.00")),
        wanted=8,
        add_ons=("aroma-oil", "hot-towels", "scalp-massage"),
    ),
)
