// The Link page as a person meets it: by roles and labels, never by classes.

/// What the English page says, as far as the scenarios lean on it.
export const WORDS = {
  connect: "Agree and connect",
  connected: /is connected$/,
  done: "Done",
  leave: "Close",
  byHand: "Enter credentials instead",
  signIn: (provider) => `Agree and continue with ${provider}`,
  unlisted: "My provider is not listed",
  wishName: "Name of the provider",
  wishContact: "Your e-mail address",
  send: "Send",
  thanks: "Thank you",
};

export class Link {
  /// `element`: the frame's element where the page is framed.
  constructor(stage, page, frame, element) {
    this.stage = stage;
    this.page = page;
    this.frame = frame;
    this.element = element;
  }

  role(role, name) {
    return this.frame.getByRole(role, name === undefined ? {} : { name });
  }

  /// What is pressed to go on, be it a link or a form's button.
  press(name) {
    const named = (role) => this.frame.getByRole(role, { name, exact: true });
    return named("link").or(named("button"));
  }

  /// A field of the credentials.
  field(label) {
    return this.frame.getByLabel(new RegExp(`^${label}`));
  }

  async inspect(step) {
    await this.stage.inspect(this, step);
  }

  /// Has the server search; the script narrows the list down while one types.
  async search(text) {
    await this.role("searchbox").fill(text);
    await this.role("searchbox").press("Enter");
    await this.frame.waitForURL(/[?&]q=/);
  }

  async choose(provider) {
    await this.press(provider).click();
    await this.role("heading", provider).waitFor();
  }

  /// Unfolds the fields, which are folded up where accounts can be connected by OAuth.
  byHand() {
    return this.frame.getByText(WORDS.byHand);
  }

  async fill(fields) {
    const [first] = Object.keys(fields);
    await this.field(first).waitFor({ state: "attached" });
    if (!await this.field(first).isVisible()) await this.byHand().click();
    for (const [label, value] of Object.entries(fields)) {
      await this.field(label).fill(value);
    }
  }

  async submit() {
    await this.role("button", WORDS.connect).click();
  }

  async succeeded() {
    await this.role("heading", WORDS.connected).waitFor();
  }

  async done() {
    await this.press(WORDS.done).click();
  }

  async leave() {
    await this.press(WORDS.leave).click();
  }

  /// Starts OAuth from the frame; the provider's window.
  async signInElsewhere(provider) {
    const popup = this.page.waitForEvent("popup");
    await this.signInHere(provider);
    return popup;
  }

  async signInHere(provider) {
    await this.press(WORDS.signIn(provider)).click();
  }

  async askForProvider() {
    await this.press(WORDS.unlisted).click();
    await this.frame.getByLabel(WORDS.wishName).waitFor();
  }

  async fillWish(name, contact) {
    await this.frame.getByLabel(WORDS.wishName).fill(name);
    await this.frame.getByLabel(WORDS.wishContact).fill(contact);
    await this.role("button", WORDS.send).click();
    await this.role("heading", WORDS.thanks).waitFor();
  }

  async switchLanguage(name) {
    await this.press(name).click();
  }

  /// The sentence that says what is wrong, which must have the focus.
  async alert() {
    const alert = this.role("alert");
    await alert.waitFor();
    const focused = await alert.evaluate((element) => element.contains(document.activeElement));
    if (!focused) throw new Error("the focus did not move to what is wrong");
    return alert.innerText();
  }
}
