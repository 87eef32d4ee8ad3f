export { HarborClient } from "./harborClient";
export { retryWithBackoff } from "./retry";
export { TimetableView } from "./timetableView";
