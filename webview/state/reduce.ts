import type {
  CandidateId,
  CandidateRecord,
  SearchDelta,
  SearchOutput,
  SearchRecord,
} from "../../src/search/record.js";
import type { SearchAction } from "../../src/kernel/protocol.js";
import type { Measure } from "../axis.js";
import { zoomTo, type Span } from "../zoom.js";
import { withDelta } from "./delta.js";
import { all, everything, sightOf, type Filter, type Sight } from "./filter.js";
import type { Happening } from "./happening.js";
import { withLooks } from "./looks.js";
import { colouredBy, modelOf, type RunModel } from "./model.js";
import { MOST_OVERLAID, withOthers, type OtherRun } from "./others.js";
import { noOddities, type Oddities } from "./oddities.js";
import { parseOutput, parseRounds } from "./parse.js";
import { parseAtlas } from "./parseAtlas.js";
import { withTimes } from "./times.js";

/**
 * The kernel behind the view. "asking": `ready` was sent and nothing has come back; "page": there never is one (HTML export).
 */
export type Link = "asking" | "live" | "gone" | "page";

export interface ViewState {
  readonly run: string;
  readonly model: RunModel;
  readonly atlas: SearchOutput["atlas"];
  readonly odd: Oddities;
  readonly link: Link;
  readonly goneBecause?: string;
  /** While it is gone: Step and Run bring it back. */
  readonly canContinue?: boolean;
  /** Of the last delta taken; absent before the first snapshot. */
  readonly sequence?: number;
  /** A delta was missed: the interpreter asks for a snapshot, once. */
  readonly stale: boolean;
  readonly milliseconds?: number;
  /** Milliseconds of computing when each round had ended, as far as a kernel has told them. */
  readonly times: readonly number[];
  readonly pending?: SearchAction["kind"];
  readonly refusal?: string;
  /** What the reader chose; absent = follow the best. */
  readonly selected?: CandidateId;
  readonly hovered?: CandidateId;
  /** Beside the shown one. */
  readonly compared?: CandidateId;
  readonly view: ViewName;
  /** Of the x axis of tree and traces. */
  readonly measure: Measure;
  /** The same axis by the logarithm of compute. */
  readonly log: boolean;
  /** What a column of the tree is: a round, or the noise level at which its candidates began. */
  readonly columns: Columns;
  /** The verifier whose scores are the colours; absent = the searched one. */
  readonly colour?: string;
  /** The part of the compute axis that is seen; absent = all of it. */
  readonly zoom?: Span;
  /** The noise level that every view is at; absent = each candidate as it ended. */
  readonly cursor?: number;
  readonly filter: Filter;
  /** What filter and cursor let through. */
  readonly sight: Sight;
  /** The other searches of the notebook, as far as an editor has told of them. */
  readonly others: readonly OtherRun[];
  /** Those whose traces are laid over this one's, in the order in which they were picked. */
  readonly overlaid: readonly string[];
  /** The shown candidate lies large over the plots. */
  readonly enlarged: boolean;
  /** Pictures that were asked for: "r1-c0@0.5" is the preview of r1-c0 at that level. */
  readonly looks: SearchOutput["atlas"];
}

export type Columns = "round" | "level";

export type ViewName = "tree" | "branches" | "gallery" | "table";

/** Throws RecordError when there is nothing to draw. */
export function initialState(output: unknown, link: Link): ViewState {
  const odd = noOddities();
  const { record, atlas } = parseOutput(output, odd);
  return {
    ...{ run: record.id, model: modelOf(record), atlas, odd, link, stale: false },
    ...{ view: "tree", measure: "nfe", log: false, filter: everything, sight: all, looks: [], times: [] },
    ...{ columns: "round", others: [], overlaid: [], enlarged: false },
  };
}

export function reduce(state: ViewState, happening: Happening): ViewState {
  switch (happening.type) {
    case "output":
      return takeOutput(state, happening.output);
    case "snapshot": {
      if (happening.output.record.id !== state.run) return state;
      const { sequence, status } = happening;
      const next = { ...withOutput(state, happening.output), link: "live" as const, stale: false };
      const times = withTimes([], next.model.record.rounds, status);
      return settle({ ...next, sequence, milliseconds: status.milliseconds, times });
    }
    case "delta":
      return takeDelta(state, happening.delta);
    case "gone":
      return happening.run === state.run
        ? settle({
            ...state,
            link: "gone",
            goneBecause: happening.reason,
            canContinue: happening.canContinue === true,
          })
        : state;
    case "refused":
      return happening.run === state.run ? { ...settle(state), refusal: happening.reason } : state;
    case "silence":
      return state.link === "asking" ? { ...state, link: "gone" } : state;
    case "act":
      return { ...settle(state), pending: happening.action };
    case "select":
      return setId(state, "selected", happening.id);
    case "hover":
      return setId(state, "hovered", happening.id);
    case "compare":
      return setId(state, "compared", happening.id);
    case "view":
      return state.view === happening.view ? state : { ...state, view: happening.view };
    case "measure":
      return { ...state, measure: happening.measure };
    case "log":
      return state.log === happening.on ? state : { ...state, log: happening.on };
    case "zoom":
      return setZoom(state, happening.span);
    case "cursor":
      return setCursor(state, happening.level);
    case "filter":
      return look({ ...state, filter: { ...state.filter, ...happening.filter } });
    case "enlarge":
      return { ...state, enlarged: happening.on };
    case "columns":
      return { ...state, columns: happening.columns };
    case "colour": {
      const model = colouredBy(state.model, happening.verifier);
      return model.coloured === state.model.coloured
        ? state
        : look({ ...state, model, colour: model.coloured.name });
    }
    case "overlay": {
      const rest = state.overlaid.filter((run) => run !== happening.run);
      return { ...state, overlaid: happening.on ? [...rest, happening.run].slice(-MOST_OVERLAID) : rest };
    }
    case "others": {
      if (happening.run !== state.run) return state;
      const others = withOthers(state.others, happening);
      const isThere = (run: string): boolean => others.some((other) => other.run === run);
      return { ...state, others, overlaid: state.overlaid.filter(isThere) };
    }
    case "look": {
      if (happening.run !== state.run) return state;
      const looks = withLooks(state.looks, parseAtlas(happening.atlas, noOddities()));
      return looks === state.looks ? state : { ...state, looks };
    }
  }
}

/** What side panel and strip show: the chosen candidate, else the best so far. */
export function shown(state: ViewState): CandidateRecord | undefined {
  const chosen = state.selected === undefined ? undefined : state.model.byId.get(state.selected);
  return chosen ?? state.model.best;
}

function setCursor(state: ViewState, level: number | undefined): ViewState {
  if (state.cursor === level) return state;
  const { cursor: _cursor, ...rest } = state;
  return look(level === undefined ? rest : { ...rest, cursor: level });
}

function setZoom(state: ViewState, span: Span | undefined): ViewState {
  const zoom = span && zoomTo(span);
  if (zoom?.[0] === state.zoom?.[0] && zoom?.[1] === state.zoom?.[1]) return state;
  const { zoom: _zoom, ...rest } = state;
  return zoom ? { ...rest, zoom } : rest;
}

/** After each change of model, filter or cursor. */
function look(state: ViewState): ViewState {
  return { ...state, sight: sightOf(state.model, state.filter, state.cursor) };
}

function setId(
  state: ViewState,
  name: "selected" | "hovered" | "compared",
  id: CandidateId | undefined,
): ViewState {
  if (state[name] === id) return state;
  const next = { ...state };
  if (id === undefined || !state.model.byId.has(id)) delete next[name];
  else next[name] = id;
  return next;
}

/**
 * The saved output may lag behind the live view (it is written at the end of an execution) or start anew (the cell ran again). One
 * that is behind a live view is not taken: the snapshot that each rendering asks for decides.
 */
function takeOutput(state: ViewState, output: unknown): ViewState {
  const next = withOutput(state, output);
  const behind = progress(next.model.record) < progress(state.model.record);
  if (state.link === "live" && behind) return { ...state, stale: true };
  // A search that began anew has other times.
  return behind ? { ...next, times: [] } : next;
}

function withOutput(state: ViewState, output: unknown): ViewState {
  const odd = noOddities();
  const { record, atlas } = parseOutput(output, odd);
  return look(forgetMissing({ ...state, run: record.id, model: modelOf(record, state.colour), atlas, odd }));
}

function progress({ candidates, rounds }: SearchRecord): number {
  return candidates.length + rounds.length;
}

function takeDelta(state: ViewState, delta: SearchDelta): ViewState {
  if (delta.run !== state.run) return state;
  if (state.sequence === undefined) return { ...state, stale: true };
  if (delta.sequence <= state.sequence) return state;
  if (delta.sequence !== state.sequence + 1) return { ...state, stale: true };
  const odd = { ...state.odd };
  const record = withDelta(state.model.record, delta, odd);
  const pictures = parseAtlas(delta.atlas, odd);
  const next = look({ ...state, model: modelOf(record, state.colour) });
  return settle({
    ...next,
    atlas: pictures.length ? [...state.atlas, ...pictures] : state.atlas,
    odd,
    link: "live",
    sequence: delta.sequence,
    milliseconds: delta.status.milliseconds,
    times: withTimes(state.times, parseRounds(delta.rounds), delta.status),
  });
}

/** Whatever came is the answer to what was asked. */
function settle(state: ViewState): ViewState {
  const { pending: _pending, refusal: _refusal, ...rest } = state;
  return rest;
}

function forgetMissing(state: ViewState): ViewState {
  const next = { ...state };
  if (next.selected !== undefined && !next.model.byId.has(next.selected)) delete next.selected;
  if (next.hovered !== undefined && !next.model.byId.has(next.hovered)) delete next.hovered;
  if (next.compared !== undefined && !next.model.byId.has(next.compared)) delete next.compared;
  return next;
}
