/** The settings: a sheet whose every change is kept, and takes effect, at once. */

import { choice, line, paragraph, range, select, toggle } from "./controls.js";
import { furnish, html, icon, the } from "./dom.js";
import { BUILT_IN_IDS, HOUSE, theirName, theirs, title } from "./personas.js";
import { Phone } from "./phone.js";
import { SPEED } from "./preferences.js";

/** @typedef {import("./controls.js").Option} Option */
/** @typedef {import("./controls.js").Group} Group */
/** @typedef {import("./preferences.js").Keeper} Keeper */
/** @typedef {import("./preferences.js").Preferences} Preferences */
/** @typedef {import("./personas.js").Persona} Persona */
/** @typedef {import("./words.js").Words} Words */
/** @typedef {import("./words.js").Key} Key */

/** Voices that OpenAI's clients know, which every engine has an answer to. */
const VOICES = "alloy ash ballad cedar coral echo fable marin nova onyx sage shimmer verse".split(" ");

/** Languages that recognisers and voices have in common. */
const LANGUAGES = "ar cs da de el en es fi fr he hi hu id it ja ko nl no pl pt ro ru sv th tr uk vi zh".split(" ");

/** @typedef {HTMLInputElement | HTMLTextAreaElement} Written What one writes in. */
const WRITTEN = "textarea, input[type=text], input[type=password]";

export class Settings {
  #sheet = the("settings", HTMLDialogElement);
  #keeper;
  #words;
  #phone;

  /** @type {MediaDeviceInfo[]} */
  #devices = [];

  /** @type {string[]} Ids of the server's personas. */
  #theirs = [];

  /**
   * @param {Keeper} keeper
   * @param {Words} words
   */
  constructor(keeper, words) {
    this.#keeper = keeper;
    this.#words = words;
    this.#phone = new Phone(words, () => keeper.now.key);
    words.follow(() => this.#draw());
    this.#sheet.addEventListener("pointerdown", (event) => event.target === this.#sheet && this.#sheet.close());
    navigator.mediaDevices?.addEventListener("devicechange", () => void this.#findDevices());
  }

  open() {
    this.#phone.forget();
    this.#draw();
    this.#sheet.showModal();
    void this.#findDevices();
    void this.#findTheirs();
  }

  async #findTheirs() {
    this.#theirs = await theirs(this.#keeper.now.key);
    this.#draw();
  }

  async #findDevices() {
    if (!this.#sheet.open || !navigator.mediaDevices) return;
    this.#devices = await navigator.mediaDevices.enumerateDevices();
    this.#draw();
  }

  /** Draws all of it anew; what has the focus keeps it, and what is being written there is taken over first. */
  #draw() {
    const active = this.#sheet.contains(document.activeElement) ? document.activeElement : null;
    const written = active instanceof HTMLElement && active.matches(WRITTEN) ? /** @type {Written} */ (active) : null;
    const caret = written?.selectionStart ?? null;
    if (written && written.value !== written.defaultValue) written.dispatchEvent(new Event("change"));
    const scrolled = this.#sheet.querySelector(".sheet-body")?.scrollTop ?? 0;
    const title = html("h2", { id: "settings-title" }, this.#say("settings.title"));
    const sections = [this.#who(), this.#turns(), this.#sound(), this.#connection()];
    const parts = [this.#note("settings.note"), ...sections, this.#phone.element, this.#page()];
    const body = html("div", { class: "sheet-body", tabindex: "-1" }, ...parts);
    furnish(this.#sheet, html("div", { class: "panel-head" }, title, this.#close()), body);
    body.scrollTop = scrolled;
    const focused = active?.id ? document.getElementById(active.id) : null;
    focused?.focus();
    if (written) /** @type {Written | null} */ (focused)?.setSelectionRange(caret, caret);
  }

  #close() {
    const label = this.#say("settings.close");
    const close = () => this.#sheet.close();
    const names = { "aria-label": label, title: label };
    return html("button", { class: "tool", id: "settings-close", ...names, click: close }, icon("close"));
  }

  #who() {
    const { persona, personas } = this.#keeper.now;
    const voices = VOICES.map((value) => ({ value, text: value.charAt(0).toUpperCase() + value.slice(1) }));
    const mine = personas.find(({ id }) => id === persona);
    return this.#section(
      "settings.section.who",
      this.#select("persona", "settings.persona", this.#personas()),
      mine ? this.#own(mine) : this.#add(),
      this.#select("voice", "settings.voice", [this.#none("settings.voice.default"), ...voices]),
      this.#select("language", "settings.language", this.#languages()),
      this.#choice("policy", "settings.policy", ["auto", "fast", "best"]),
    );
  }

  /** @returns {(Option | Group)[]} */
  #personas() {
    const { persona, personas } = this.#keeper.now;
    const [house, ...ours] = BUILT_IN_IDS.map((id) => ({ value: id, text: this.#say(`persona.${id}`) }));
    const known = new Set([...this.#theirs, ...(theirName(persona) ? [persona] : [])]);
    const groups = [
      { group: this.#say("settings.persona.theirs"), options: [...known].map((id) => ({ value: id, text: title(id) })) },
      { group: this.#say("settings.persona.ours"), options: ours },
      { group: this.#say("settings.persona.own"), options: personas.map((one) => this.#mine(one)) },
    ];
    return [/** @type {Option} */ (house), ...groups.filter(({ options }) => options.length > 0)];
  }

  /**
   * @param {Persona} persona One of the user's own.
   * @returns {Option}
   */
  #mine({ id, name }) {
    return { value: id, text: name || this.#say("settings.persona.unnamed") };
  }

  #turns() {
    const speed = { id: "set-speed", label: this.#say("settings.speed"), value: this.#keeper.now.speed, ...SPEED };
    return this.#section(
      "settings.section.turns",
      this.#toggle("handsFree", "settings.handsFree"),
      this.#note("settings.handsFree.note"),
      this.#choice("patience", "settings.patience", ["auto", "low", "medium", "high"]),
      range(
        speed,
        (value) => `${value.toFixed(2)} ×`,
        (value) => this.#change({ speed: value }),
      ),
    );
  }

  #sound() {
    const nameless = this.#devices.every(({ label }) => !label);
    return this.#section(
      "settings.section.sound",
      this.#select("inputDevice", "settings.input", this.#devicesOf("audioinput")),
      this.#select("outputDevice", "settings.output", this.#devicesOf("audiooutput")),
      nameless ? this.#note("settings.device.note") : null,
      this.#toggle("echoCancellation", "settings.echoCancellation"),
      this.#toggle("noiseSuppression", "settings.noiseSuppression"),
      this.#toggle("autoGainControl", "settings.autoGainControl"),
      this.#note("settings.echo.note"),
    );
  }

  #connection() {
    const key = { id: "set-key", label: this.#say("settings.key"), value: this.#keeper.now.key };
    return this.#section(
      "settings.section.connection",
      line({ ...key, type: "password" }, (value) => {
        this.#keeper.change({ key: value.trim() });
        void this.#findTheirs();
      }),
      this.#note("settings.key.note"),
    );
  }

  #page() {
    const languages = [
      this.#none("settings.pageLanguage.auto"),
      { value: "en", text: "English" },
      { value: "zh", text: "中文" },
    ];
    return this.#section(
      "settings.section.page",
      this.#select("pageLanguage", "settings.pageLanguage", languages),
      this.#choice("theme", "settings.theme", ["system", "light", "dark"]),
      this.#toggle("announce", "settings.announce"),
      this.#note("settings.announce.note"),
      this.#shortcuts(),
    );
  }

  #shortcuts() {
    const keys = /** @type {const} */ ([
      [this.#say("key.space"), "settings.keys.talk"],
      ["/", "settings.keys.type"],
      ["M", "settings.keys.mute"],
      [this.#say("key.escape"), "settings.keys.escape"],
    ]);
    const rows = keys.flatMap(([key, what]) => [html("dt", {}, html("kbd", {}, key)), html("dd", {}, this.#say(what))]);
    const label = html("p", { class: "label" }, this.#say("settings.keys"));
    return html("div", { class: "field" }, label, html("dl", { class: "keys" }, ...rows));
  }

  /** @param {Persona} persona One of the user's own. */
  #own({ id, name, prompt }) {
    const change = (/** @type {Partial<Persona>} */ part) => {
      const personas = this.#keeper.now.personas.map((one) => (one.id === id ? { ...one, ...part } : one));
      this.#keeper.change({ personas });
    };
    const rename = (/** @type {string} */ value) => {
      change({ name: value });
      // Not drawn anew: the focus is on its way to what would be gone by then.
      const option = this.#sheet.querySelector(`#set-persona option[value="${id}"]`);
      option?.replaceChildren(value || this.#say("settings.persona.unnamed"));
    };
    const remove = () => {
      this.#change({ personas: this.#keeper.now.personas.filter((one) => one.id !== id), persona: HOUSE });
      document.getElementById("set-persona")?.focus();
    };
    const naming = { id: "set-persona-name", label: this.#say("settings.persona.name"), value: name };
    const telling = { id: "set-persona-prompt", label: this.#say("settings.persona.prompt"), value: prompt };
    return html(
      "div",
      { class: "own" },
      line(naming, rename),
      paragraph(telling, (value) => change({ prompt: value })),
      html("button", { class: "link", type: "button", click: remove }, this.#say("settings.persona.delete")),
    );
  }

  #add() {
    const add = () => {
      const persona = { id: `own-${Date.now()}`, name: "", prompt: "" };
      this.#change({ personas: [...this.#keeper.now.personas, persona], persona: persona.id });
      document.getElementById("set-persona-name")?.focus();
    };
    const label = this.#say("settings.persona.add");
    return html("button", { class: "link", type: "button", id: "set-persona-add", click: add }, label);
  }

  /** @returns {Option[]} */
  #languages() {
    const names = new Intl.DisplayNames([this.#words.language], { type: "language" });
    const named = LANGUAGES.map((value) => ({ value, text: names.of(value) ?? value }));
    named.sort((a, b) => a.text.localeCompare(b.text, this.#words.language));
    return [this.#none("settings.language.auto"), ...named];
  }

  /**
   * @param {MediaDeviceKind} kind
   * @returns {Option[]}
   */
  #devicesOf(kind) {
    const found = this.#devices.filter(({ kind: its, deviceId }) => its === kind && deviceId && deviceId !== "default");
    const named = found.map(({ deviceId, label }, at) => {
      return { value: deviceId, text: label || this.#words.say("settings.device.unnamed", { n: at + 1 }) };
    });
    return [this.#none("settings.device.default"), ...named];
  }

  /**
   * What stands for no choice of one's own.
   *
   * @param {Key} key
   */
  #none(key) {
    return { value: "", text: this.#say(key) };
  }

  /**
   * @param {Key} title
   * @param {...(Node | null)} content
   */
  #section(title, ...content) {
    return html("section", {}, html("h3", {}, this.#say(title)), ...content);
  }

  /**
   * @param {"persona" | "voice" | "language" | "inputDevice" | "outputDevice" | "pageLanguage"} name
   * @param {Key} label
   * @param {(Option | Group)[]} options
   */
  #select(name, label, options) {
    const what = { id: `set-${name}`, label: this.#say(label), options, chosen: this.#keeper.now[name] };
    return select(what, (value) => this.#change({ [name]: value }));
  }

  /**
   * @param {"policy" | "patience" | "theme"} name
   * @param {"settings.policy" | "settings.patience" | "settings.theme"} label
   * @param {string[]} values
   */
  #choice(name, label, values) {
    const chosen = this.#keeper.now[name];
    const options = values.map((value) => ({ value, text: this.#words.sayOf(label, value, label) }));
    const note = name === "theme" ? {} : { note: this.#words.sayOf(`${label}.note`, chosen, label) };
    const what = { id: `set-${name}`, label: this.#say(label), options, chosen, ...note };
    return choice(what, (value) => this.#change({ [name]: value }));
  }

  /**
   * @param {"handsFree" | "announce" | "echoCancellation" | "noiseSuppression" | "autoGainControl"} name
   * @param {Key} label
   */
  #toggle(name, label) {
    const what = { id: `set-${name}`, label: this.#say(label), on: this.#keeper.now[name] };
    return toggle(what, (on) => this.#change({ [name]: on }));
  }

  /** @param {Partial<Preferences>} change */
  #change(change) {
    this.#keeper.change(change);
    this.#draw();
  }

  /** @param {Key} key */
  #note(key) {
    return html("p", { class: "soft" }, this.#say(key));
  }

  /** @param {Key} key */
  #say(key) {
    return this.#words.say(key);
  }
}
