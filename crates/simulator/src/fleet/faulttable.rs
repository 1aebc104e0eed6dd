//! The fault codes that vehicles of this fleet know: real numbers, our own words.

pub(crate) struct J1939Trouble {
    pub spn: u32,
    pub fmi: u8,
    pub source_address: u8,
    pub source_name: &'static str,
    pub spn_description: &'static str,
    pub fmi_description: &'static str,
    pub lights_lamp: bool,
}

pub(crate) struct Obd2Trouble {
    pub code: &'static str,
    pub description: &'static str,
    /// Such a code lights the lamp, and becomes permanent when it stays.
    pub is_about_emissions: bool,
}

const fn j1939(
    spn: u32,
    spn_description: &'static str,
    fmi: u8,
    source_address: u8,
    lights_lamp: bool,
) -> J1939Trouble {
    J1939Trouble {
        spn,
        fmi,
        source_address,
        source_name: source_name(source_address),
        spn_description,
        fmi_description: fmi_description(fmi),
        lights_lamp,
    }
}

const fn source_name(address: u8) -> &'static str {
    match address {
        0 => "Engine",
        3 => "Transmission",
        11 => "Brakes",
        33 => "Body controller",
        61 => "Exhaust emissions",
        _ => "",
    }
}

const fn fmi_description(fmi: u8) -> &'static str {
    match fmi {
        0 => "Far above the normal range",
        1 => "Far below the normal range",
        2 => "Erratic or incorrect",
        3 => "Voltage too high",
        4 => "Voltage too low",
        5 => "Current too low or circuit open",
        9 => "Updated too seldom",
        16 => "Somewhat above the normal range",
        18 => "Somewhat below the normal range",
        _ => "",
    }
}

pub(crate) const J1939_TROUBLES: [J1939Trouble; 16] = [
    j1939(94, "Fuel delivery pressure", 18, 0, false),
    j1939(97, "Water in fuel", 16, 0, false),
    j1939(100, "Engine oil pressure", 1, 0, true),
    j1939(102, "Intake manifold pressure", 4, 0, false),
    j1939(110, "Engine coolant temperature", 16, 0, true),
    j1939(111, "Engine coolant level", 18, 0, false),
    j1939(168, "Battery voltage", 4, 33, false),
    j1939(177, "Transmission oil temperature", 0, 3, true),
    j1939(639, "Vehicle network", 9, 11, false),
    j1939(789, "Wheel speed sensor, front left", 5, 11, false),
    j1939(1761, "Diesel exhaust fluid level", 1, 61, true),
    j1939(3031, "Diesel exhaust fluid temperature", 3, 61, false),
    j1939(3216, "Nitrogen oxides before the catalyst", 2, 61, true),
    j1939(3226, "Nitrogen oxides after the catalyst", 4, 61, true),
    j1939(3251, "Particulate filter pressure difference", 0, 61, true),
    // A maker's own number that no public list explains.
    j1939(520_372, "", 9, 33, false),
];

const fn obd2(
    code: &'static str,
    description: &'static str,
    is_about_emissions: bool,
) -> Obd2Trouble {
    Obd2Trouble {
        code,
        description,
        is_about_emissions,
    }
}

pub(crate) const OBD2_TROUBLES: [Obd2Trouble; 12] = [
    obd2("P0128", "Coolant stays too cold", true),
    obd2("P0171", "Mixture too lean, bank 1", true),
    obd2("P0234", "Turbocharger boosts too much", false),
    obd2("P0299", "Turbocharger boosts too little", true),
    obd2("P0300", "Misfires in several cylinders", true),
    obd2("P0401", "Exhaust recirculation too weak", true),
    obd2("P0420", "Catalyst below its efficiency, bank 1", true),
    obd2("P0456", "Very small leak of fuel vapour", true),
    obd2("P0562", "System voltage too low", false),
    obd2("P0700", "Transmission asks for attention", false),
    obd2("C0035", "Wheel speed sensor, front left", false),
    obd2("U0100", "Lost contact with the engine's computer", false),
];
