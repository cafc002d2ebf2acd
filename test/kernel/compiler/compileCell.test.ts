import { describe, expect, it } from "vitest";
import { disposed, runCells } from "./runCells.js";

/** What the last of the cells shows. */
const shows: readonly [name: string, cells: readonly string[], value: unknown][] = [
  ["a const declared again", ["const x=1", 'const x="a"', "x"], "a"],
  ["a let assigned later", ["let l=1", "l=2", "l"], 2],
  ["a const declared again as let", ["const cl=1", "let cl=2; cl++", "cl"], 3],
  ["a let declared again as const", ["let lc=1", "const lc=2", "lc"], 2],
  [
    "a const declared again as class and function",
    ["const cc=1", "class cc{}", "function cc(){return 7}", "cc()"],
    7,
  ],
  [
    "a local of a constant's name",
    ["const ks=1; function f5(){ let ks=2; ks=3; { ks++ } return ks } [f5(), ks]"],
    [4, 1],
  ],
  ["a parameter of a constant's name", ["const kp=1; ((kp: number) => { kp += 1; return kp })(5) + kp"], 7],
  [
    "logical assignments that write nothing to a constant",
    ["const lq: any=1, lo=0", "lq ??= 2; lq ||= 3; (lo as any) &&= 4; [lq, lo]"],
    [1, 0],
  ],
  ["a declared var is the one of an earlier cell", ["var dv=3", "declare var dv: number; dv"], 3],
  ["top-level await", ["const r=await Promise.resolve(7)", "r+1"], 8],
  ["a named import in a later cell", ['import { join } from "node:path"', 'join("a","b")'], "a/b"],
  [
    "default and named imports",
    ['import fs, { readFileSync } from "node:fs"', "[typeof fs.statSync, typeof readFileSync]"],
    ["function", "function"],
  ],
  ["a namespace import", ['import * as p from "node:path"', "typeof p.join"], "function"],
  [
    "default and namespace import together",
    ['import d, * as n from "node:path"', "typeof n.join + typeof d.join"],
    "functionfunction",
  ],
  [
    "type imports are never resolved",
    ['import type { Foo } from "none"; import { type Bar } from "none"; 1'],
    1,
  ],
  ["an import for its effect", ['import "node:os"; 3'], 3],
  ["imports are hoisted", ['const j=basename("/a/b"); import { basename } from "node:path"; j'], "b"],
  ["import() in a cell", ['const m=await import("node:path"); typeof m.join'], "function"],
  ["functions are hoisted", ["const v=h1(); function h1(){return 5} v"], 5],
  ["a function declared again", ["function g1(){return 1}", "function g1(){return 2}", "g1()"], 2],
  ["a function is no global property", ["function fetchX(){return 1}", '"fetchX" in globalThis'], false],
  ["a function named as a global", ["function fetch(){return 1}", "globalThis.fetch===fetch"], false],
  [
    "overloads",
    ["function ov(a:string):string; function ov(a:number):number; function ov(a:any){return a} ov(4)"],
    4,
  ],
  [
    "an async generator",
    [
      "async function* ag(){yield 1;yield 2}",
      "const acc:number[]=[]; for await(const z of ag()) acc.push(z); acc",
    ],
    [1, 2],
  ],
  [
    "a class declared again and extended",
    ["class A1{m(){return 1}}", "class A1{m(){return 2}}; class B1 extends A1{}", "new B1().m()"],
    2,
  ],
  [
    "parameter properties, private fields and static blocks",
    [
      "class Q1{ static s:number; static { Q1.s=4 } #p=3; constructor(public z=5){} get p(){return this.#p} }",
      "const q=new Q1(); [q.z,q.p,Q1.s]",
    ],
    [5, 3, 4],
  ],
  ["an enum", ['enum E1{A,B="x"}', "[E1.A,E1.B]"], [0, "x"]],
  ["a const enum declared again", ["const enum CE{A=2}", "const enum CE{A=3}", "CE.A"], 3],
  ["enums of two cells do not merge", ["enum M1{A}", "enum M1{B}", "Object.keys(M1)"], ["0", "B"]],
  ["a namespace", ["namespace N1{ export const q=9 }", "N1.q"], 9],
  ["an alias into a namespace", ["namespace N2{ export const q=8 } import q2 = N2.q; q2"], 8],
  ["types are erased", ["interface I1{a:number} type T1=I1|null; const o:T1={a:1}; o"], { a: 1 }],
  ["a var declared again", ["var vv=1", 'var vv="s"', "vv"], "s"],
  ["a var is no global property", ["var notg=1", '"notg" in globalThis'], false],
  ["the var of a for", ["for(var i=0;i<3;i++){}", "i"], 3],
  ["a destructured var", ["var {a1,b:[b1=2]}={a1:1,b:[]} as any", "[a1,b1]"], [1, 2]],
  ["vars in if and for-of", ["if(true){ var y1=4 } for(var k1 of [1,2]){}", "[y1,k1]"], [4, 2]],
  ["two vars in one for", ["for(var f1=0,f2=9;f1<f2;f1++,f2--){}", "[f1,f2]"], [5, 4]],
  [
    "destructuring with holes, defaults and rests",
    ["const [d1,,...d2]=[1,2,3]; const {e1=5,...e2}={f:1} as any; [d1,d2,e1,e2]"],
    [1, [3], 5, { f: 1 }],
  ],
  ["exports", ["export const ex1=1; export function ef(){return 2} export default 3", "[ex1,ef()]"], [1, 2]],
  ["an anonymous default class", ["export default class {}", "typeof _default"], "function"],
  [
    "functions see what later cells define",
    ["let cnt=0; const inc=()=>{cnt++; return later1()}", "const later1=()=>cnt*10", "inc()"],
    10,
  ],
  ["what came before a failure stays", ['let p1=1; throw new Error("x")', "p1"], 1],
  ["a declaration whose value failed", ['let p2=(()=>{throw new Error("i")})()', "let p2=3", "p2"], 3],
  ["an object literal in parentheses", ["({a:1})"], { a: 1 }],
  ["comments and semicolons at the end", ["42;; // done\n/* x */"], 42],
  ["using", ["using u1={[Symbol.dispose](){}} as any", "typeof u1"], "object"],
  [
    "labels and guards",
    ["let o1=0; outer: for(let a=0;a<3;a++){ for(let b=0;b<3;b++){ if(b===1) continue outer; o1++ } } o1"],
    3,
  ],
  ["a loop without a block", ["let w=0; while(w<5) w++; w"], 5],
  ["do-while", ["let dw=0; do dw++; while(dw<4); dw"], 4],
  ["satisfies, as and !", ["const sat={a:1} satisfies Record<string,number>; (sat as any)!.a"], 1],
  ["angle bracket casts", ["const ang=<number>(<unknown>5); ang"], 5],
  ["a generic arrow", ["const ga=<T,>(x:T)=>x; ga(3)"], 3],
  ["regular expression and template", ['const rg=/\\/\\*/.test("/*"); `${rg}`'], "true"],
  [
    "abstract, declare and implements",
    [
      "declare const ext:number; abstract class Ab{ abstract m():void } class Im extends Ab{ m(){} } typeof Im",
    ],
    "function",
  ],
  [
    "decorators",
    ["function dec(v:any,c:any){ return v } @dec class Dc{ @dec m(){return 6} }", "new Dc().m()"],
    6,
  ],
  ["import.meta", ["import.meta.url"], "file:///folder/notebook.dnb"],
  ["require", ['const pth=require("node:path"); typeof pth.join'], "function"],
  ["import equals", ['import u2 = require("node:url"); typeof u2.URL'], "function"],
  ["typed arrays are the realm's", ["new Float32Array(1) instanceof globalThis.Float32Array"], true],
  ["names beyond ASCII", ["const 変数=1; const \\u{61}b=2; 変数+ab"], 3],
  ["CRLF", ["const cr=1;\r\n\r\ncr+1"], 2],
  ["shorthand properties", ["const sh=1; const obj={sh, m(){return sh}}; obj.m()"], 1],
  ["typeof of what nobody declared", ["typeof neverDeclared"], "undefined"],
  ["a hashbang line", ["#!/usr/bin/env dnb\n5"], 5],
  ["a cell that starts with a bracket", ["[1,2].length"], 2],
  ["a template at the start", ["`a`.length"], 1],
];

describe("compileCell", () => {
  it.each(shows)("%s", async (_, cells, value) => {
    const result = await runCells(cells);
    expect(result.error, result.code).toBeUndefined();
    expect(result.shown).toEqual(value);
  });

  it("shows a promise as a promise", async () => {
    expect((await runCells(["Promise.resolve(1)"])).shown).toBeInstanceOf(Promise);
  });

  it.each([
    ["no expression at the end", "1; if(true){2}"],
    ["a comment only", "// nothing"],
    ["a var at the end", "var quiet = 5"],
  ])("shows nothing for %s", async (_, cell) => {
    const result = await runCells([cell]);
    expect(result.error).toBeUndefined();
    expect("shown" in result).toBe(false);
  });

  it.each([
    ["assignment to a const", ["const kk=1", "kk=2"], /constant/],
    ["a write to a const in a pattern", ["const kc=1", "let ko; [ko, kc] = [1, 2]"], /constant/],
    ["counting up a const", ["const ki=1", "ki++"], /constant/],
    ["a const in a function", ["const kf=1; const setKf = () => { kf += 1 }", "setKf()"], /constant/],
    ["a const as the target of a loop", ["const kl=1", "for (kl of [1]);"], /constant/],
    ["a const as the target of for-in", ["const kn=1", "for (kn in {a:1});"], /constant/],
    ["a const behind a cast", ["const ka=1", "(ka as any) = 2"], /constant/],
    ["a const behind !", ["const kb=1", "kb! += 2"], /constant/],
    ["counting a const in parentheses", ["const kd=1", "(kd)++"], /constant/],
    ["a const that ??= has to set", ["const kg: any=null", "kg ??= 2"], /constant/],
    ["syntax", ["const = 1"], /SyntaxError/],
    ["return outside of a function", ["return 1"], /SyntaxError/],
    ["await in a function that is not async", ["function nf(){ await 1 }"], /SyntaxError/],
    ["a missing file", ['import pk from "./package-x.json" with {type:"json"}'], /package-x/],
  ])("is an error: %s", async (_, cells, message) => {
    expect((await runCells(cells)).error).toMatch(message);
  });

  it("keeps resources of `using` for later disposal", async () => {
    const before = disposed.length;
    await runCells(["using r1 = { [Symbol.dispose]() {} }; await using r2 = null;"]);
    expect(disposed.length - before).toBe(2);
  });
});

/** A cell may call its variables as it likes: libraries and the kernel share the realm and must not notice. */
describe("names of globals", () => {
  it.each<[name: string, cells: readonly string[], value: unknown]>([
    ["a const", ["const process={a:1}", "[process.a, typeof globalThis.process.pid]"], [1, "number"]],
    ["a shorthand binding", ["const {performance} = {performance: 5}; performance"], 5],
    ["a shorthand property", ["const URL = 3; ({URL})"], { URL: 3 }],
    ["a shorthand assignment", ["let crypto; ({crypto = 4} = {}); crypto"], 4],
    [
      "a class keeps its name",
      ["class Event { static own = Event.name }", "[Event.own, Event.name]"],
      ["Event", "Event"],
    ],
    ["a function keeps its name", ["function atob(){ return atob.name }", "atob()"], "atob"],
    [
      "a parameter of the same name",
      ["const name1 = 1, Blob = 2; ((Blob: number) => Blob * 10)(3) + Blob"],
      32,
    ],
    ["an import", ['import { performance } from "node:perf_hooks"', "typeof performance.now"], "function"],
    ["a default import", ['import crypto from "node:crypto"', "typeof crypto.createHash"], "function"],
    [
      "a parameter property keeps its name",
      ["const Headers = 1; class P { constructor(public Headers: number) {} } new P(4).Headers"],
      4,
    ],
    [
      "an enum's members keep theirs",
      ["enum Kind { URL = 1, Both = URL | 2 } [Kind.URL, Kind.Both]"],
      [1, 3],
    ],
    [
      "a namespace's exports keep theirs",
      ["namespace Ns { export const URL = 5; export const two = URL * 2 } [Ns.URL, Ns.two]"],
      [5, 10],
    ],
    [
      "the realm stays as it was",
      ["const console = 1, Buffer = 2", "typeof globalThis.console.log + globalThis.Buffer.name"],
      "functionBuffer",
    ],
    [
      "what libraries probe",
      ["const window = {}, document = {}", "typeof globalThis.window + (0, eval)('typeof window')"],
      "undefinedundefined",
    ],
    ["require may be declared", ["const require = (n: string) => n", 'require("z")'], "z"],
  ])("%s", async (_, cells, value) => {
    const result = await runCells(cells);
    expect(result.error, result.code).toBeUndefined();
    expect(result.shown).toEqual(value);
  });
});
