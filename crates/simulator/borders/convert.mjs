// Makes `states.bin` of the package us-atlas: `node convert.mjs states-10m.json states.bin`.
//
// Arcs are simplified before they are joined into rings, so that two neighbours keep one border
// between them and no strip of land belongs to neither.

import { readFileSync, writeFileSync } from "node:fs";

// How far, in degrees, a simplified border may leave the true one: about 600 m.
const TOLERANCE = 0.006;
// Coordinates are stored in thousandths of a degree.
const UNITS_PER_DEGREE = 1000;
// Islands of fewer square degrees (about 20 km²) are left out.
const SMALLEST_RING = 0.002;

const LETTERS = {
  Alabama: "AL", Alaska: "AK", Arizona: "AZ", Arkansas: "AR", California: "CA", Colorado: "CO",
  Connecticut: "CT", Delaware: "DE", "District of Columbia": "DC", Florida: "FL", Georgia: "GA",
  Hawaii: "HI", Idaho: "ID", Illinois: "IL", Indiana: "IN", Iowa: "IA", Kansas: "KS",
  Kentucky: "KY", Louisiana: "LA", Maine: "ME", Maryland: "MD", Massachusetts: "MA",
  Michigan: "MI", Minnesota: "MN", Mississippi: "MS", Missouri: "MO", Montana: "MT",
  Nebraska: "NE", Nevada: "NV", "New Hampshire": "NH", "New Jersey": "NJ", "New Mexico": "NM",
  "New York": "NY", "North Carolina": "NC", "North Dakota": "ND", Ohio: "OH", Oklahoma: "OK",
  Oregon: "OR", Pennsylvania: "PA", "Rhode Island": "RI", "South Carolina": "SC",
  "South Dakota": "SD", Tennessee: "TN", Texas: "TX", Utah: "UT", Vermont: "VT", Virginia: "VA",
  Washington: "WA", "West Virginia": "WV", Wisconsin: "WI", Wyoming: "WY",
};

const [, , source, target] = process.argv;
const topology = JSON.parse(readFileSync(source, "utf8"));
const { scale, translate } = topology.transform;

// TopoJSON stores an arc as integer steps from point to point.
function decode(arc) {
  let x = 0;
  let y = 0;
  return arc.map(([dx, dy]) => {
    x += dx;
    y += dy;
    return [x * scale[0] + translate[0], y * scale[1] + translate[1]];
  });
}

function distance(point, from, to) {
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
  const squared = dx * dx + dy * dy;
  const along = squared === 0
    ? 0
    : ((point[0] - from[0]) * dx + (point[1] - from[1]) * dy) / squared;
  const t = Math.min(1, Math.max(0, along));
  return Math.hypot(point[0] - from[0] - t * dx, point[1] - from[1] - t * dy);
}

// Douglas and Peucker: keep the point that is farthest from the chord while it is too far.
function simplify(points) {
  const keep = new Set([0, points.length - 1]);
  const open = [[0, points.length - 1]];
  while (open.length > 0) {
    const [first, last] = open.pop();
    let [farthest, most] = [-1, TOLERANCE];
    for (let index = first + 1; index < last; index += 1) {
      const away = distance(points[index], points[first], points[last]);
      if (away > most) {
        [farthest, most] = [index, away];
      }
    }
    if (farthest >= 0) {
      keep.add(farthest);
      open.push([first, farthest], [farthest, last]);
    }
  }
  return points.filter((_, index) => keep.has(index));
}

const arcs = topology.arcs.map((arc) => simplify(decode(arc)).map((point) =>
  point.map((degrees) => Math.round(degrees * UNITS_PER_DEGREE))));

// A negative number names an arc that is walked backwards; rings repeat the joints.
function ring(numbers) {
  const points = numbers.flatMap((number) =>
    number < 0 ? arcs[~number].toReversed() : arcs[number]);
  return points.filter((point, index) =>
    index === 0 || point[0] !== points[index - 1][0] || point[1] !== points[index - 1][1]);
}

function area(points) {
  let twice = 0;
  for (let index = 0; index + 1 < points.length; index += 1) {
    const [[x1, y1], [x2, y2]] = [points[index], points[index + 1]];
    twice += x1 * y2 - x2 * y1;
  }
  return Math.abs(twice) / 2 / UNITS_PER_DEGREE ** 2;
}

const bytes = [];

function number(value) {
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) + 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
}

// Zigzag: small steps of either sign become small numbers.
function step(value) {
  number(value < 0 ? -2 * value - 1 : 2 * value);
}

const states = topology.objects.states.geometries
  .filter((geometry) => geometry.properties.name in LETTERS)
  .sort((a, b) => (LETTERS[a.properties.name] < LETTERS[b.properties.name] ? -1 : 1));
number(states.length);
for (const geometry of states) {
  const polygons = geometry.type === "Polygon" ? [geometry.arcs] : geometry.arcs;
  const rings = polygons.flat().map(ring).filter((points) => area(points) >= SMALLEST_RING);
  bytes.push(...Buffer.from(LETTERS[geometry.properties.name], "ascii"));
  number(rings.length);
  for (const points of rings) {
    number(points.length);
    let [x, y] = [0, 0];
    for (const point of points) {
      step(point[0] - x);
      step(point[1] - y);
      [x, y] = point;
    }
  }
}
writeFileSync(target, Buffer.from(bytes));
