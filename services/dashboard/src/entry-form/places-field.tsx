// What something is about, chosen by searching: sites, racks, groups of machines, and machines, each a tag that can be taken away. A rack is part of
// machines' names and nowhere entered: those of the machines that are found are offered. What is not entered at all is added as it is typed.
import { graphql } from '@assay/api-client';
import { useEffect, useId, useState, type ReactNode } from 'react';
import { useQuery } from '../api/use-query.ts';
import { placesFound, type FoundPlace } from './places-found.ts';

const PLACES_FOUND = graphql(`
  query PlacesFound($tenant: String, $search: String) {
    siteEntries(tenant: $tenant, search: $search, first: 6) {
      nodes {
        id
        name
      }
    }
    workerEntries(filter: { tenant: $tenant, search: $search }, first: 20) {
      nodes {
        name
      }
    }
  }
`);

const GROUPS_OF = graphql(`
  query GroupsOf($tenant: String) {
    workerGroups(tenant: $tenant, first: 1000) {
      nodes {
        id
        name
      }
    }
  }
`);

const AFTER_KEYS_MS = 200;
const MOST_GROUPS = 6;

interface PlacesFieldProps {
  readonly label: string;
  readonly hint?: string | undefined;
  readonly places: readonly string[];
  readonly onChange: (places: readonly string[]) => void;
  /** Whose they must be; of any tenant that is seen when left out. */
  readonly tenant?: string | undefined;
  /** Where groups may be chosen as well. */
  readonly groups?:
    { readonly ids: readonly string[]; readonly onChange: (ids: readonly string[]) => void } | undefined;
}

export function PlacesField({ label, hint, places, onChange, tenant, groups }: PlacesFieldProps): ReactNode {
  const id = useId();
  const [text, setText] = useState('');
  const search = useSettled(text.trim());
  const found = useQuery(PLACES_FOUND, { tenant: tenant ?? null, search }, { enabled: search !== '' });
  const ofTenant = useQuery(GROUPS_OF, { tenant: tenant ?? null }, { enabled: groups !== undefined });
  const allGroups = ofTenant.data?.workerGroups.nodes ?? [];
  const offered = search === '' || found.data === undefined ? [] : placesFound(search, found.data, places);
  const offeredGroups = allGroups
    .filter(({ id: group, name }) => {
      const isChosen = groups?.ids.includes(group) ?? true;
      return !isChosen && search !== '' && name.toLowerCase().includes(search.toLowerCase());
    })
    .slice(0, MOST_GROUPS);

  const add = (name: string): void => {
    onChange([...places, name]);
    setText('');
  };
  const addGroup = (group: string): void => {
    groups?.onChange([...groups.ids, group]);
    setText('');
  };
  return (
    <fieldset className="choices">
      <legend>{label}</legend>
      {(places.length > 0 || (groups?.ids.length ?? 0) > 0) && (
        <ul className="chips">
          {places.map((name) => (
            <Chip key={name} onRemove={() => onChange(places.filter((each) => each !== name))} name={name}>
              <span className="mono">{name}</span>
            </Chip>
          ))}
          {groups?.ids.map((group) => {
            const name = allGroups.find((each) => each.id === group)?.name ?? group;
            const rest = groups.ids.filter((each) => each !== group);
            return (
              <Chip key={group} onRemove={() => groups.onChange(rest)} name={name}>
                group {name}
              </Chip>
            );
          })}
        </ul>
      )}
      <div className="field">
        <label htmlFor={id} className="sr-only">
          {label}: find a site, rack, {groups && 'group, '}or machine
        </label>
        <input
          id={id}
          className="input"
          type="search"
          placeholder={`Find a site, rack, ${groups ? 'group ' : ''}or machine`}
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          maxLength={127}
          value={text}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={(event) => {
            // Of a form: Enter would save it.
            if (event.key !== 'Enter') return;
            event.preventDefault();
            if (offered[0] !== undefined) add(offered[0].name);
          }}
        />
        {hint !== undefined && <p className="field-hint">{hint}</p>}
      </div>
      {(offered.length > 0 || offeredGroups.length > 0) && (
        <ul className="offers" aria-label="Found">
          {offeredGroups.map((group) => (
            <Offer key={group.id} onChoose={() => addGroup(group.id)}>
              group {group.name}
            </Offer>
          ))}
          {offered.map((place) => (
            <Offer key={place.name} onChoose={() => add(place.name)}>
              <PlaceText place={place} />
            </Offer>
          ))}
        </ul>
      )}
    </fieldset>
  );
}

function PlaceText({ place: { word, name, called } }: { place: FoundPlace }): ReactNode {
  return (
    <>
      {word} <span className="mono">{name}</span>
      {called !== undefined && <span className="muted"> {called}</span>}
    </>
  );
}

function Offer({ onChoose, children }: { onChoose: () => void; children: ReactNode }): ReactNode {
  return (
    <li>
      <button type="button" onClick={onChoose}>
        {children}
      </button>
    </li>
  );
}

export function Chip({
  name,
  onRemove,
  children,
}: {
  name: string;
  onRemove: () => void;
  children: ReactNode;
}): ReactNode {
  return (
    <li className="chip">
      <span>{children}</span>
      <button type="button" aria-label={`Take away ${name}`} onClick={onRemove}>
        ×
      </button>
    </li>
  );
}

/** What a text is once nobody has typed for a moment. */
function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), AFTER_KEYS_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}
