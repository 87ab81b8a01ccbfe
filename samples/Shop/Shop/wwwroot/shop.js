// Asks the read side every second and shows what it says; sends commands to the write side. No framework, no state but what was shown last.

const refreshEvery = 1000;
const settings = await (await fetch("settings")).json();
const element = id => document.getElementById(id);
const money = cents => (cents / 100).toLocaleString("en", { minimumFractionDigits: 2 });
const cents = form => Math.round(form.amount.value * 100);

// The place in the log of this page's newest commands: a list asked for with it contains what the commands did.
const written = { accounts: null, orders: null };

async function get(path, after) {
  const response = await fetch(path + (after ? `${path.includes("?") ? "&" : "?"}after=${encodeURIComponent(after)}` : ""));
  if (!response.ok) throw new Error((await response.json()).detail);
  return response.json();
}

async function send(path, command) {
  const response = await fetch(settings.writeAddress + path, {
    method: "POST",
    headers: { "content-type": "application/json", "idempotency-key": crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}` },
    body: JSON.stringify(command),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.detail ?? Object.values(answer.errors ?? {}).flat()[0] ?? answer.title);
  return answer;
}

const shown = new Map();

function row(key, cells) {
  const row = document.createElement("tr");
  const text = JSON.stringify(cells.map(cell => cell.text));
  if (shown.has(key) && shown.get(key) !== text) row.className = "changed";
  shown.set(key, text);
  row.append(...cells.map(({ text, className, tag, title, action }) => {
    const cell = document.createElement("td");
    if (className) cell.className = className;
    const content = tag ? cell.appendChild(document.createElement(tag)) : cell;
    content.textContent = text;
    if (tag === "span") content.className = `status ${text}`;
    if (title) cell.title = title;
    if (action) content.onclick = action;
    return cell;
  }));
  return row;
}

function showCustomers(balances) {
  element("customers").replaceChildren(...balances.map(({ customerId, name, balance }) => row(`customer ${customerId}`, [
    { text: name, title: customerId },
    { text: money(balance), className: "number" },
    settings.canWrite ? { text: "+ 20", tag: "button", title: `Put 20.00 on the account of ${name}`, action: () => charge(customerId) } : { text: "" },
  ])));
  element("no-customers").hidden = balances.length > 0;
  element("customer-count").textContent = balances.length;
  element("total").textContent = money(balances.reduce((sum, { balance }) => sum + balance, 0));
  showChoices(balances);
}

function showChoices(balances) {
  const select = element("place").customerId;
  if (select.length === balances.length) return;
  const chosen = select.value;
  select.replaceChildren(...balances.map(({ customerId, name }) => new Option(name, customerId, false, customerId === chosen)));
}

function showOrders({ orders, counts }, names) {
  element("orders").replaceChildren(...orders.map(({ orderId, customerId, amount, status, reason }) => row(`order ${orderId}`, [
    { text: orderId.slice(0, 8), tag: "code", title: orderId },
    { text: names.get(customerId) ?? customerId },
    { text: money(amount), className: "number" },
    { text: status, tag: "span", title: reason ?? "" },
  ])));
  element("no-orders").hidden = orders.length > 0;
  for (const status of ["placed", "confirmed", "rejected"]) element(`${status}-count`).textContent = counts[status];
}

function showOperations({ hasBug, members, lag, rewind }) {
  element("handler-line").hidden = false;
  element("handler").textContent = hasBug ? "bug" : "correct";
  element("handler").className = `status ${hasBug ? "rejected" : "confirmed"}`;
  element("handler-text").textContent = hasBug
    ? "The handler adds what orders cost to the balances. Place an order and look; accounts themselves are right."
    : "The handler subtracts what orders cost. What it did before, while it had a bug, stays until it is rewound.";
  element("break").disabled = hasBug;
  element("correct").disabled = !hasBug;
  element("members").textContent = members === 1 ? "1 process" : `${members} processes`;
  element("lag").textContent = lag;
  element("rewind-text").hidden = element("rewind-progress").hidden = !rewind;
  if (!rewind) return;
  element("rewind-progress").value = rewind.progress;
  element("rewind-text").textContent = rewind.progress === 1
    ? "The last rewind is through: every balance follows from the events again."
    : rewind.isDone ? `Events are handled again: ${Math.round(100 * rewind.progress)} %.` : "The rewind is ordered; the partitions' owners carry it out.";
}

async function refresh() {
  try {
    const [balances, orders, operations] = await Promise.all([get("balances", written.accounts), get("orders?limit=100", written.orders), get("operations")]);
    showOperations(operations);
    showCustomers(balances);
    showOrders(orders, new Map(balances.map(({ customerId, name }) => [customerId, name])));
    connection("live", "live");
  } catch (error) {
    connection("lost", "not up to date");
    console.warn(error);
  }
}

function connection(state, text) {
  element("connection").className = `connection ${state}`;
  element("connection").textContent = text;
}

let noticeEnds;

async function carryOut(command) {
  try {
    await command();
    await refresh();
  } catch (error) {
    element("notice").textContent = error.message;
    element("notice").hidden = false;
    clearTimeout(noticeEnds);
    noticeEnds = setTimeout(() => (element("notice").hidden = true), 5000);
  }
}

const charge = customerId => carryOut(async () => {
  written.accounts = (await send(`/accounts/${customerId}/charges`, { amount: 2000 })).position;
});

const place = (customerId, amount) => send("/orders", { customerId, amount });

element("open").onsubmit = event => {
  event.preventDefault();
  const form = event.target;
  carryOut(async () => {
    const name = form.name.value.trim();
    const customerId = `${name.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-+/, "").slice(0, 24)}-${Math.random().toString(36).slice(2, 6)}`.replace(/^-/, "");
    await send("/accounts", { customerId, name });
    written.accounts = (await send(`/accounts/${customerId}/charges`, { amount: cents(form) })).position;
    form.name.value = "";
  });
};

element("place").onsubmit = event => {
  event.preventDefault();
  const form = event.target;
  carryOut(async () => {
    written.orders = (await place(form.customerId.value, cents(form))).position;
  });
};

element("place-ten").onclick = () => carryOut(async () => {
  const customers = [...element("place").customerId.options].map(option => option.value);
  const any = () => customers[Math.floor(Math.random() * customers.length)];
  await Promise.all(Array.from({ length: 10 }, () => place(any(), 100 * Math.ceil(Math.random() * 30))));
});

async function operate(method, path, command) {
  const response = await fetch(`operations/${path}`, { method, headers: { "content-type": "application/json" }, body: JSON.stringify(command) });
  if (!response.ok) throw new Error((await response.json()).detail);
}

element("break").onclick = () => carryOut(() => operate("PUT", "handler", { hasBug: true }));
element("correct").onclick = () => carryOut(() => operate("PUT", "handler", { hasBug: false }));
element("rewind").onclick = () => carryOut(() => operate("POST", "rewinds", { hours: 2 }));

for (const form of document.querySelectorAll("form")) form.hidden = !settings.canWrite;
element("read-only").hidden = settings.canWrite;

for (;;) {
  await refresh();
  await new Promise(resolve => setTimeout(resolve, refreshEvery));
}
