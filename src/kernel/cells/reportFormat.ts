import { Report } from "../../search/index.js";
import { MIME } from "../protocol.js";
import { describeReport } from "./describeReport.js";
import type { Formatter } from "./formatValue.js";
import { drawReport } from "./plot.js";

/** The report itself for its view; the scaling curves as a picture and the table as text for readers without one. */
export const reportFormat: Formatter = (value) =>
  value instanceof Report
    ? [
        { mime: MIME.report, json: value.toJSON() },
        { mime: MIME.svg, text: drawReport(value.toJSON()) },
        { mime: MIME.plain, text: describeReport(value) },
      ]
    : undefined;
