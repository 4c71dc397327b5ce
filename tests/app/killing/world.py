"""A Procore of as many companies as wanted: each has admins and projects of its own, and both apps."""

import attrs
import httpx

FIRST_COMPANY, FIRST_PERSON, FIRST_PROJECT = 4_296_000_001, 4_296_100_001, 4_296_200_001


@attrs.frozen
class Company:
    id: int
    admins: tuple[str, ...]
    """Their full names."""
    projects: tuple[int, ...]

    def name_of(self, project: int) -> str:
        return f"SITE {project}"


def found(procore: str, *, companies: int, admins: int, projects: int) -> tuple[Company, ...]:
    """Replace the emulator's world and return its companies; sizes are per company."""
    here = httpx.get(f"{procore}/_emulator/world", trust_env=False, timeout=60).raise_for_status().json()
    apps = [{key: value for key, value in app.items() if key != "redirect_uris"} for app in here["apps"]]
    pattern = here["projects"][0]
    made = tuple(_company(n, admins, projects) for n in range(companies))
    world = {
        "name": "Killing",
        "notice": "Invented.",
        "apps": [{**app, "redirect_uris": ["http://localhost/cb"]} for app in apps],
        "companies": [{"id": each.id, "name": f"Company {each.id}"} for each in made],
        "people": [
            _person(FIRST_PERSON + n * admins + m, name, each.id)
            for n, each in enumerate(made)
            for m, name in enumerate(each.admins)
        ],
        "projects": [
            {**pattern, "id": id, "company_id": each.id, "name": each.name_of(id), "project_number": f"N-{id}"}
            for each in made
            for id in each.projects
        ],
    }
    with httpx.Client(base_url=procore, trust_env=False, timeout=60) as client:
        answer = client.put("/_emulator/world", json=world)
        assert answer.status_code == 200, answer.text
        for app in apps:
            for each in made:
                order = {"client_id": app["client_id"], "company_id": each.id, "project_ids": "all"}
                answer = client.post("/_emulator/installations", json=order)
                assert answer.status_code == 201, answer.text
        client.delete("/_emulator/journal").raise_for_status()
    return made


def _company(n: int, admins: int, projects: int) -> Company:
    first = FIRST_PROJECT + n * projects
    names = tuple(f"Admin C{n}A{m}" for m in range(admins))
    return Company(FIRST_COMPANY + n, names, tuple(range(first, first + projects)))


def _person(id: int, name: str, company_id: int) -> dict[str, object]:
    first, last = name.split()
    return {
        "id": id,
        "first_name": first,
        "last_name": last,
        "login": f"{last.lower()}@example.com",
        "companies": [{"company_id": company_id, "admin": True, "project_ids": []}],
    }
