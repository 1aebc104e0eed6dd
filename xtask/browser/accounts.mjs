// What opens the simulated accounts, by the labels of Link's fields.

const told = (name) => process.env[`SIMULATOR_${name}`];

export const ACCOUNTS = {
  samsara: { "API token": told("SAMSARA_APIKEY") },
  geotab: {
    "User name": told("GEOTAB_USERNAME"),
    Password: told("GEOTAB_PASSWORD"),
    Database: told("GEOTAB_DATABASE"),
  },
};

/// The same accounts as `gladhand connection create` wants them.
export const CREDENTIALS = {
  samsara: { apiKey: told("SAMSARA_APIKEY") },
  geotab: {
    username: told("GEOTAB_USERNAME"),
    password: told("GEOTAB_PASSWORD"),
    database: told("GEOTAB_DATABASE"),
  },
};

/// Where the simulated providers answer.
export const SIMULATORS = { samsara: told("SAMSARA_URL") };
