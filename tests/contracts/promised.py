"""The names that outsiders rely on: operations and their fields. What is not built yet is named with what will bring it."""


def names(text: str) -> list[str]:
    """The words of a text."""
    return text.split()


NOW = {
    "portal": names(
        "createToken getMe listAgencies listPeople createPerson disablePerson createFeed listFeeds revokeFeed "
        "listAudit verifyAudit"
    ),
    "fleet": names(
        "listVehicles getVehicle findFreeVehicles requestTrip getTrip listTrips approveTrip returnTrip "
        "suggestAssignment assignTrip changeTrip cancelTrip acceptTrip declineTrip startTrip finishTrip signOffTrip "
        "recordLateTrip mergeTrips recallVehicle previewRecall returnVehicle listDrivers listChargers bookChargingSlot "
        "cancelChargingSlot planCharging replanDay getSizing recordEnergy compareEnergy getUseReport "
        "answerSurvey getSatisfaction recordUpkeep listDue "
        "listCarsToPlugIn listPoolMemberships joinPool previewLeavingPool leavePool callOffPoolChange "
        "bookWorkshop listWorkshopVisits endWorkshopVisit reportAccident listAccidents getAccident advanceAccident"
    ),
    "venues": names(
        "drawTie getContest listContests chooseOtherSlots joinWaitingList listWaiting acceptSlotOffer "
        "leaveWaitingList previewSeries applyForSeries getSeries cancelSeries listSetupTimes askForSetup "
        "consentToSetup refuseSetup takeBackSetup listVenues getVenue findFreeSlots quoteBooking "
        "applyForBooking getBooking listBookings askForSupplement approveBooking rejectBooking "
        "recordInsurance recordPayment cancelBooking quoteRefund listEquipment bookMeetingRoom "
        "releaseMeetingRoom listTariffs getTariff previewTariff saveTariff withdrawTariff listCalendarDays "
        "listReductions proposeReduction grantReduction refuseReduction withdrawReduction startBooking "
        "inspectBooking getInspection returnDeposit payRefund payClaim giveRefundAccount listPapers sendPaper "
        "recordBreach listBars liftBar previewClosure closeVenue getClosure listClosures listClosureLines "
        "reopenVenue getIncome listIncomeLines getTrialBalance listHoldings remitIncome listRemittances "
        "listMeetings getMeeting changeMeeting checkInMeeting findFreeRooms previewMeetingSeries "
        "bookMeetingSeries getMeetingSeries cancelMeetingSeries takeOverMeetingRoom declareRoomDuty "
        "listRoomDuties liftRoomDuty listRoomAgreements answerRoomAgreement listRoomFindings recordRoomBreach "
        "listRoomBreaches liftRoomBreach listRoomParameters setRoomParameter openRound registerForRound "
        "closeRegistration drawRound getDraw verifyDraw withdrawFromRound listRounds getRound announceRound "
        "listRegistrations getRegistration acceptCompleteRegistrations publishRoundList suspendRound "
        "cancelRound acceptPlace sendRegistrationPapers askForRegistrationPapers acceptRegistration "
        "refuseRegistration recordRent recordRentRefund warnStall listEquipmentDay deliverPiece returnPiece "
        "reportPieceFault repairPiece changeEquipment getEquipmentSavings listFigures setFigure "
        "listLentThings addLentThing setLentStock requestLoan listLoans getLoan approveLoan rejectLoan "
        "cancelLoan handOutLoan takeBackLoan listGalleryTerms planGalleryTerm applyForGalleryTerm "
        "assignGalleryTerm setGalleryHanging listContracts getContract makeContract renewContract endContract "
        "recordContractRent listContributedSurveys openContributedSurvey wishContributedDays "
        "publishContributedList allotContributedDays getContributedAllotment takeContributedDay "
        "giveBackContributedDay listBoards requestPosting listPostings getPosting approvePosting "
        "rejectPosting withdrawPosting"
    ),
    "dorms": names(
        "listRooms getOccupancy openRound applyForRoom explainPoints rankApplicants allotRooms getAllotment "
        "verifyAllotment acceptOffer declineOffer listDeadlines recordContract moveIn startMoveOut handBack "
        "listTenancies getTenancy extendSigning agreeInventory renewTenancy setDeduction extendMoveOut stopMoveOut "
        "getPayroll "
        "planChecks appointChecks listChecks getCheck recordCheck callOffCheck followUpCheck "
        "requestRepair listRepairs getRepair decideRepair startRepair completeRepair takeBackRepair "
        "listLegacyHouses getLegacyHouse changeLegacyHouse "
        "checkPoints raiseObjection listObjections answerObjection republishRanking "
        "listPointTables previewPointTable savePointTable "
        "getRoomHistory changeRoomState listOccupancyYears getApplicationPapers askForApplicationPapers listLooks "
        "getMyDormitoryData listCorrections decideCorrection"
    ),
}

LATER = {
    "portal": {
        "The house together: one announcement, one visit, one report": names(
            "announce withdrawAnnouncement getHalfYearReport requestReception getReception"
        ),
    },
    "fleet": {},
    "venues": {},
    "dorms": {},
}

# How many operations are promised for each service, now and later together.
NAMED = {"portal": 16, "fleet": 49, "venues": 160, "dorms": 59}

TRIP_REQUEST = names(
    "purpose_code purpose origin destination passengers starts_at ends_at round_trip needs_driver vehicle_kind "
    "may_share urgent_reason"
)
BOOKING_REQUEST = names(
    "venue_id slots event_name event_kind attendees applicant_class equipment overtime_minutes event_plan"
)

# (service, operation, "body" that is sent or "answer" that comes back, the fields of one row)
FIELDS = (
    ("portal", "createToken", "body", names("username password")),
    ("portal", "createToken", "answer", names("access_token token_type expires_in")),
    ("fleet", "requestTrip", "body", TRIP_REQUEST),
    ("fleet", "recordLateTrip", "body", TRIP_REQUEST),
    ("fleet", "changeTrip", "body", [*TRIP_REQUEST, *names("rev")]),
    (
        "fleet",
        "getTrip",
        "answer",
        [*TRIP_REQUEST, *names("id number status vehicle_id driver_id merged_into reasons rev")],
    ),
    ("fleet", "startTrip", "body", names("odometer_out")),
    ("fleet", "finishTrip", "body", names("odometer_out odometer_in charge_percent")),
    ("fleet", "bookChargingSlot", "body", names("charger_id vehicle_id starts_at ends_at target_percent")),
    ("fleet", "bookChargingSlot", "answer", names("id charger_id vehicle_id starts_at ends_at target_percent rev")),
    ("fleet", "recordEnergy", "body", names("vehicle_id kind quantity cost recorded_on odometer")),
    ("fleet", "recordEnergy", "answer", names("id vehicle_id kind quantity cost recorded_on odometer rev")),
    ("fleet", "compareEnergy", "answer", names("this base difference rate_percent")),
    (
        "fleet",
        "reportAccident",
        "body",
        names("vehicle_id happened_at place what injured unfit heavy driver_id trip_id"),
    ),
    ("fleet", "reportAccident", "answer", names("id vehicle_id step next_step steps rev")),
    ("fleet", "bookWorkshop", "body", names("vehicle_id kind starts_at ends_at workshop")),
    ("fleet", "leavePool", "body", names("vehicle_id left_on plan")),
    ("venues", "applyForBooking", "body", BOOKING_REQUEST),
    ("venues", "getBooking", "answer", [*BOOKING_REQUEST, *names("id status rev")]),
    ("venues", "quoteBooking", "body", names("venue_id slots applicant_class equipment overtime_minutes")),
    ("venues", "quoteBooking", "answer", names("lines fee deposit total tariff_version")),
    ("venues", "openRound", "body", names("kind classes registration term")),
    ("venues", "openRound", "answer", names("id kind classes registration term status rev")),
    ("venues", "registerForRound", "body", names("class_code firm_number seller_id")),
    ("venues", "registerForRound", "answer", names("id class_code firm_number seller_id ticket status rev")),
    (
        "venues",
        "getDraw",
        "answer",
        names("tickets tickets_sha256 seed seed_source algorithm order selected waiting"),
    ),
    (
        "dorms",
        "applyForRoom",
        "body",
        names("room_kind grade years_of_service appraisals dependants home_status preferences"),
    ),
    ("dorms", "explainPoints", "answer", names("lines total table_version")),
)

# (service, operation, "body" or "answer", path to a list, the fields of its rows)
ROWS = (
    ("venues", "applyForBooking", "body", "slots", names("date slot")),
    ("venues", "applyForBooking", "body", "equipment", names("kind quantity")),
    ("venues", "quoteBooking", "answer", "lines", names("label amount rule sample")),
    ("venues", "openRound", "body", "classes", names("code places")),
    ("dorms", "explainPoints", "answer", "lines", names("item basis value points rule")),
)

# (service, operation, "body" or "answer", path, the codes that may stand there)
CODES = (
    ("fleet", "recordEnergy", "body", "kind", names("petrol diesel electricity")),
    (
        "fleet", "getTrip", "answer", "status",
        names(
            "submitted approved returned assigned assigned_one_way merged fully_booked accepted under_way finished "
            "signed_off cancelled"
        ),
    ),
    (
        "venues", "applyForBooking", "body", "slots.slot",
        names("morning afternoon evening"),
    ),
    (
        "venues", "applyForBooking", "body", "applicant_class",
        names("managing_agency city_agency government registered_body"),
    ),
    (
        "venues", "getBooking", "answer", "status",
        names(
            "submitted supplement_needed contested approved awaiting_insurance awaiting_payment confirmed in_use "
            "inspection closed rejected lapsed cancelled suspended"
        ),
    ),
    ("venues", "openRound", "body", "kind", names("stall gallery contributed_venue plaza")),
    (
        "dorms", "applyForRoom", "body", "room_kind",
        names("single family"),
    ),
)  # fmt: skip
