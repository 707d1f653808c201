/** Everything that lives on a page. Each import is one behaviour; the page decides by its elements which are used. */

import "./elements/toast-region.js";
import "./elements/theme-switch.js";
import "./elements/local-time.js";
import "./elements/connection-state.js";
import "./elements/conversation-list.js";
import "./elements/group-rail.js";
import "./elements/member-list.js";
import "./elements/status-switch.js";
import "./elements/typing-line.js";
import "./elements/message-list.js";
import "./elements/message-tools.js";
import "./elements/message-editor.js";
import "./elements/message-composer.js";
import "./elements/mention-completion.js";
import "./elements/emoji-button.js";
import "./elements/thread-pane.js";
import "./elements/people-search.js";
import "./elements/person-card.js";
import "./elements/picture-crop.js";
import "./elements/contact-list.js";
import "./elements/contact-badge.js";
import "./elements/notification-bell.js";
import "./elements/notification-list.js";
import "./elements/jump-to-date.js";
import { offerPush } from "./elements/push-switch.js";
import "./elements/passkey-form.js";
import "./elements/recovery-codes.js";
import "./elements/wallet-button.js";
import "./elements/export-progress.js";
import "./elements/settings-form.js";
import "./copy.js";
import "./dialogs.js";
import "./shortcuts.js";
import "./spoilers.js";
import { watchPeople } from "./avatar.js";
import { outbox } from "./outbox.js";
import { me } from "./page.js";
import { watchPresence } from "./presence.js";
import { keepPush } from "./push.js";
import { installWorker } from "./pwa.js";
import { watchSession } from "./session.js";
import { socket } from "./socket.js";
import { tellZone } from "./zone.js";

document.documentElement.classList.add("live");
watchSession();
installWorker();
keepPush().catch(() => {});
tellZone();
if (me.id) {
  watchPeople();
  watchPresence();
  outbox.start();
  offerPush();
  socket.addEventListener("state", ({ detail }) => (document.documentElement.dataset.connection = detail.state));
  socket.start();
}
