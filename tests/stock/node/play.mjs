// `node play.mjs CLIENT SCENARIO`: plays it; ends with 0 if all was as it should be, else with the log on stderr.
//
// Environment: OPENAI_BASE_URL and OPENAI_API_KEY as ever; SPEECH, a folder with recordings.

const [client, scenario] = process.argv.slice(2);
const scenarios = await import(`./${client}.mjs`);
await scenarios[scenario]();
